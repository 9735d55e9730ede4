import { createReadStream } from 'node:fs'
import type { CopiesReport } from '../../../verify/rksv/compare-copies.ts'
import { compareCopies } from '../../../verify/rksv/compare-copies.ts'
import { Dep7Copy } from '../../../verify/rksv/dep7-copy.ts'
import type { BookFinding } from '../../journal/books/findings.ts'
import { BookFindings } from '../../journal/books/findings.ts'
import { eventsIn } from '../../journal/verify/chains.ts'
import type { Dep7MatchOptions, Dep7MatchReport } from '../../laws/austria/dep7-match.ts'
import { Dep7Match } from '../../laws/austria/dep7-match.ts'

/** Verified: each signature of one that is sound is by the certificates in it. */
export type GivenDep7 = { readonly file: string; readonly isSound: boolean }

/**
 * A journal and DEP7s of its registers, compared receipt by receipt in both directions, with the signatures by the enrolled
 * certificates; the files themselves were verified before.
 */
export async function matchDep7s(
  journal: string,
  files: readonly GivenDep7[],
  options: Dep7MatchOptions,
): Promise<Dep7MatchReport & { findings: readonly BookFinding[] }> {
  const findings = new BookFindings()
  const copies: Dep7Copy[] = []
  try {
    for (const { file, isSound } of files) copies.push(await Dep7Copy.open(file, createReadStream(file), isSound))
    const match = new Dep7Match(copies, findings, options)
    for await (const event of eventsIn(createReadStream(journal))) await match.note(event)
    const report = await match.end()
    return { ...report, findings: findings.all() }
  } finally {
    for (const copy of copies) await copy.close()
  }
}

/** DEP7s of one register, an older one and a newer one. */
export async function compareDep7s(
  files: readonly string[],
): Promise<{ reports: readonly CopiesReport[]; findings: readonly BookFinding[] }> {
  const findings = new BookFindings()
  const copies = files.map((name) => ({ name, chunks: () => createReadStream(name) }))
  const reports = await compareCopies(copies, findings)
  return { reports, findings: findings.all() }
}

export function dep7Summary({ matched, outages, younger, signatures, absent }: Dep7MatchReport): string {
  const unsigned = outages === 0 ? '' : `, ${outages} receipts of outages without one`
  const later = younger === 0 ? '' : `; ${younger} recorded after the DEP7 was made`
  const others = absent.length === 0 ? '' : `; no DEP7 given of register ${absent.join(', ')}`
  return `journal and DEP7, ${matched} receipts match, ${signatures} signatures by enrolled units${unsigned}${later}${others}`
}

export function copiesSummary({ cashBoxId, copies, agreed, apart }: CopiesReport): string {
  const others = apart.length === 0 ? '' : `; nothing in common with a newer one: ${apart.join(', ')}`
  return `${copies} DEP7s of register ${cashBoxId}, ${agreed} receipts are the same in an older and a newer one${others}`
}
