import { createReadStream } from 'node:fs'
import type { CopiesReport } from '../../../verify/rksv/compare-copies.ts'
import { compareCopies } from '../../../verify/rksv/compare-copies.ts'
import { Dep7Copy } from '../../../verify/rksv/dep7-copy.ts'
import type { BookFinding } from '../../journal/books/findings.ts'
import { BookFindings } from '../../journal/books/findings.ts'
import { eventsIn } from '../../journal/verify/chains.ts'
import type { Together, Verdict, VerifyRules } from '../verify-rules.ts'
import { AUSTRIAN_BOOKS } from './books/law-books.ts'
import type { Dep7MatchOptions, Dep7MatchReport } from './dep7-match.ts'
import { Dep7Match, MATCHED_MARKS } from './dep7-match.ts'
import { materialIn } from './verify-files.ts'

/** Compares DEP7s with the journal, and DEP7s of one register with each other. */
export const compareFiles: VerifyRules['compare'] = async (verdicts, journal, given) => {
  const dep7s = verdicts.filter(({ kind }) => kind === 'dep7')
  const compared: Together[] = []
  // The journal may be complete although the DEP7 is a part: then its books were read.
  const isComparable = journal !== undefined && (given.partial !== true || journal.codes !== undefined)
  if (isComparable && dep7s.length > 0) {
    const { aesKey } = await materialIn(given)
    const files = dep7s.map(({ file, valid: isSound }) => ({ file, isSound }))
    const { findings: found, ...report } = await matchDep7s(journal.file, files, { aesKey, partial: given.partial })
    compared.push({ summaries: [matchSummary(report)], found })
  }
  if (dep7s.length > 1) compared.push(await copiesOf(dep7s))
  return compared
}

/** DEP7s of one register, an older and a newer one. */
async function copiesOf(dep7s: readonly Verdict[]): Promise<Together> {
  const findings = new BookFindings([AUSTRIAN_BOOKS])
  const copies = dep7s.map(({ file }) => ({ name: file, chunks: () => createReadStream(file) }))
  const reports = await compareCopies(copies, findings)
  return { summaries: reports.map(copiesSummary), found: findings.all() }
}

/** Verified: if it is valid, each signature in it matches its certificates. */
export type GivenDep7 = { readonly file: string; readonly isSound: boolean }

/**
 * Compares a journal and DEP7s of its registers, receipt by receipt in both directions, and the signatures with the
 * enrolled certificates; the files themselves were verified before.
 */
export async function matchDep7s(
  journal: string,
  files: readonly GivenDep7[],
  options: Dep7MatchOptions,
): Promise<Dep7MatchReport & { findings: readonly BookFinding[] }> {
  const findings = new BookFindings([AUSTRIAN_BOOKS])
  const copies: Dep7Copy[] = []
  try {
    for (const { file, isSound } of files) copies.push(await Dep7Copy.open(file, createReadStream(file), isSound))
    const match = new Dep7Match(copies, findings, options)
    for await (const event of eventsIn(createReadStream(journal), ...MATCHED_MARKS)) await match.note(event)
    const report = await match.end()
    return { ...report, findings: findings.all() }
  } finally {
    for (const copy of copies) await copy.close()
  }
}

function matchSummary({ matched, outages, younger, signatures, absent }: Dep7MatchReport): string {
  const unsigned = outages === 0 ? '' : `, ${outages} receipts of outages without one`
  const later = younger === 0 ? '' : `; ${younger} recorded after the DEP7 was made`
  const others = absent.length === 0 ? '' : `; no DEP7 given of register ${absent.join(', ')}`
  return `journal and DEP7, ${matched} receipts match, ${signatures} signatures by enrolled units${unsigned}${later}${others}`
}

function copiesSummary({ cashBoxId, copies, agreed, apart }: CopiesReport): string {
  const others = apart.length === 0 ? '' : `; nothing in common with a newer one: ${apart.join(', ')}`
  return `${copies} DEP7s of register ${cashBoxId}, ${agreed} receipts are the same in an older and a newer one${others}`
}
