import { createReadStream } from 'node:fs'
import { systemClock } from '../../../base/clock.ts'
import { formatCents } from '../../../base/money.ts'
import { UNCERTIFIED } from '../../../drivers/tr03151/certificate.ts'
import { describeDep7 } from '../../../verify/rksv/dep7-findings.ts'
import { readMaterial } from '../../../verify/rksv/material.ts'
import { verifyCode } from '../../../verify/rksv/verify-code.ts'
import type { Dep7Report, VerifyDep7Options } from '../../../verify/rksv/verify-dep7.ts'
import { verifyDep7 } from '../../../verify/rksv/verify-dep7.ts'
import { latestAustrianTime } from '../../../verify/rksv/verify-time.ts'
import type { BookFinding } from '../../journal/books/findings.ts'
import { BookFindings } from '../../journal/books/findings.ts'
import type { CheckedCode, FileChecker, Given, Summary } from '../verify-rules.ts'
import { marked } from '../verify-words.ts'
import { AUSTRIAN_BOOKS } from './books/law-books.ts'

/** A Kassen-ID that this program makes for an uncertified unit; others may have the same prefix. */
const MADE_UNCERTIFIED = /^NC-[0-9A-Z]{26}$/
const NOT_CHECKED = 'signature not checked: give the certificate of its unit with --material'

/** The material for the check of a file or code: the current time and the contents of the given file. */
export async function materialIn({ material }: Given): Promise<Omit<VerifyDep7Options, 'partial'>> {
  const now = latestAustrianTime(systemClock.now())
  return { ...(material === undefined ? {} : await readMaterial(material)), now }
}

export const checkDep7: FileChecker['check'] = async (file, given, language) => {
  const material = await materialIn(given)
  const report = await verifyDep7(createReadStream(file), { ...material, partial: given.partial ?? false })
  const { valid, uncertified } = report
  const summary = summaryOf(report)[language]
  return { valid, summary, findings: describeDep7(report, true), codes: codesOf(report), uncertified }
}

/** The findings of a DEP7 that have a stable code. */
function codesOf({ cashBoxId = '', findings }: Dep7Report): readonly BookFinding[] {
  const books = new BookFindings([AUSTRIAN_BOOKS])
  for (const { number, unit } of findings)
    if (unit !== undefined) books.add(unit.code, 0, { register: cashBoxId, number, serial: unit.serial })
  return books.all()
}

function summaryOf(report: Dep7Report): Summary {
  const { cashBoxId, receipts, signaturesVerified, outageReceipts, turnoverCents, uncertified } = report
  const [enCounter, deCounter] =
    turnoverCents === undefined
      ? ['', '']
      : [`, counter ${formatCents(turnoverCents)}`, `, Umsatzzähler ${formatCents(turnoverCents)}`]
  const mark = marked(uncertified)
  return {
    en: `DEP7 of register ${cashBoxId ?? 'unknown'}, ${receipts} receipts, ${signaturesVerified} signatures, ${outageReceipts} in outages${enCounter}${mark}`,
    de: `DEP7 der Kasse ${cashBoxId ?? 'unbekannt'}, ${receipts} Belege, ${signaturesVerified} Signaturen, ${outageReceipts} im Ausfall${deCounter}${mark}`,
  }
}

export function codeChecker(given: Given): (code: string) => Promise<CheckedCode> {
  let material: ReturnType<typeof materialIn> | undefined
  return async (code) => {
    material ??= materialIn(given)
    return checked(await verifyCode(code, await material))
  }
}

function checked(report: Dep7Report | undefined): CheckedCode {
  const findings = report ? describeDep7(report, false) : ['13 elements after the first _ were expected']
  if (!report?.first)
    return { isWhole: false, valid: false, summary: 'no code of an Austrian receipt', findings, uncertified: [] }
  const { cashBoxId, first, valid, turnoverCents, unchecked } = report
  const errors = report.findings.filter(({ level }) => level === 'error')
  const counter = turnoverCents === undefined ? '' : `, counter ${formatCents(turnoverCents)}`
  const summary = `code of register ${cashBoxId}, receipt ${first.number} of ${first.stamp}, ${signedBy(report)}${counter}`
  return { isWhole: valid || errors.length === unchecked, valid, summary, findings, uncertified: report.uncertified }
}

/** By the certificate; without one by a Kassen-ID that this program made. */
function signedBy({ outageReceipts, signaturesVerified, uncertified, cashBoxId = '' }: Dep7Report): string {
  const isMarked = uncertified.length > 0 || (signaturesVerified === 0 && MADE_UNCERTIFIED.test(cashBoxId))
  const mark = isMarked ? `, ${UNCERTIFIED}` : ''
  const unsigned = outageReceipts > 0 ? 'not signed, because of an outage' : NOT_CHECKED
  return `${signaturesVerified > 0 ? 'signed by the given unit' : unsigned}${mark}`
}
