import { formatCents } from '../../../base/money.ts'
import { UNCERTIFIED } from '../../../drivers/tr03151/certificate.ts'
import { verifyQr } from '../../../drivers/tr03151/qr.ts'
import type { Dep7Report } from '../../../verify/rksv/verify-dep7.ts'
import type { RksvBeside } from './rksv.ts'
import { rksvFindings } from './rksv.ts'

/** One code of a text, and the line in which it begins. */
export type CodeVerdict = {
  line: number
  valid: boolean
  summary: string
  findings: readonly string[]
  uncertified: readonly string[]
}

/** `isWhole`: the text was put together rightly; an Austrian code may still lack the certificate of its unit. */
type Judged = Omit<CodeVerdict, 'line'> & { isWhole: boolean }
type Beside = () => Promise<RksvBeside>

/** How a code begins, of whatever version, whole or cut: DSFinV-K Anhang I, RKSV Anlage Z 12. */
const CODE = /^\s*(?:V\d+;|_R\d)/
const AUSTRIAN_CODE = /^_R\d/
/** A Kassen-ID that this program made for a unit that is not certified; others may begin like it. */
const MADE_UNCERTIFIED = /^NC-[0-9A-Z]{26}$/
const NOT_CHECKED = 'signature not checked: give the certificate of its unit with --material'
const NOT_SHOWN = 'whether its TSE is certified the code cannot show'

/** True for a text that is a receipt's code or begins like one. */
export function isCode(text: string): boolean {
  return CODE.test(text)
}

/**
 * Checks a text of codes. A code may be broken over lines, as receipts print it: the next one begins where a line begins
 * like one. `beside` is asked for Austrian codes alone.
 */
export async function judgeCodes(text: string, beside: Beside): Promise<CodeVerdict[]> {
  // The rest of a code may begin like another one: what verifies as a whole is one.
  const whole = await judged(text, beside)
  if (whole.isWhole) return [{ line: 1, ...verdictOf(whole) }]
  const verdicts: CodeVerdict[] = []
  for (const { line, text: piece } of pieces(text)) verdicts.push(...(await piecewise(line, piece, beside)))
  return verdicts
}

/** A code, or one and what stands below it and is none. */
async function piecewise(line: number, piece: string, beside: Beside): Promise<CodeVerdict[]> {
  const code = await judged(piece, beside)
  const [first = '', ...rest] = piece.split('\n')
  if (code.isWhole || rest.every(isBlank)) return [{ line, ...verdictOf(code) }]
  const alone = await judged(first, beside)
  if (!alone.isWhole) return [{ line, ...verdictOf(code) }]
  const below = line + 1 + rest.findIndex((text) => !isBlank(text))
  return [
    { line, ...verdictOf(alone) },
    { line: below, ...verdictOf(await judged(rest.join('\n'), beside)) },
  ]
}

/** Each from a line that begins like a code up to the next such line; what stands before the first is one too. */
function pieces(text: string): { line: number; text: string }[] {
  const found: { line: number; lines: string[] }[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const last = found.at(-1)
    if (last === undefined ? isBlank(line) : !isCode(line)) last?.lines.push(line)
    else found.push({ line: index + 1, lines: [line] })
  }
  return found.map(({ line, lines }) => ({ line, text: lines.join('\n') }))
}

/** Its lines joined as they are, then without the blanks at their edges: what was signed may have blanks of its own. */
async function judged(text: string, beside: Beside): Promise<Judged> {
  const lines = text.split('\n')
  const joined = [lines, text.split(/\r?\n/), lines.map((line) => line.trim())].map((parts) => parts.join('').trim())
  const [last = '', ...earlier] = [...new Set(joined)].toReversed()
  for (const candidate of earlier.toReversed()) {
    const one = await judgedCode(candidate, beside)
    if (one.isWhole) return one
  }
  return judgedCode(last, beside)
}

function judgedCode(code: string, beside: Beside): Promise<Judged> | Judged {
  return AUSTRIAN_CODE.test(code) ? austrian(code, beside) : german(code)
}

async function austrian(code: string, beside: Beside): Promise<Judged> {
  const { verifyCode } = await import('../../../verify/rksv/verify-code.ts')
  const report = await verifyCode(code, await beside())
  const findings = rksvFindings(report)
  if (!report?.first)
    return { isWhole: false, valid: false, summary: 'no code of an Austrian receipt', findings, uncertified: [] }
  const { cashBoxId, first, valid, turnoverCents, unchecked } = report
  const errors = report.findings.filter(({ level }) => level === 'error')
  const counter = turnoverCents === undefined ? '' : `, counter ${formatCents(turnoverCents)}`
  const summary = `code of register ${cashBoxId}, receipt ${first.number} of ${first.stamp}, ${signedBy(report)}${counter}`
  return { isWhole: valid || errors.length === unchecked, valid, summary, findings, uncertified: report.uncertified }
}

/** By its certificate; without one a Kassen-ID of our own making tells it. */
function signedBy({ outageReceipts, signaturesVerified, uncertified, cashBoxId = '' }: Dep7Report): string {
  const isMarked = uncertified.length > 0 || (signaturesVerified === 0 && MADE_UNCERTIFIED.test(cashBoxId))
  const mark = isMarked ? `, ${UNCERTIFIED}` : ''
  const unsigned = outageReceipts > 0 ? 'of an outage, not signed' : NOT_CHECKED
  return `${signaturesVerified > 0 ? 'signed by the given unit' : unsigned}${mark}`
}

function german(code: string): Judged {
  const { valid, fields, serial = '', uncertified, findings } = verifyQr(code)
  if (fields === undefined)
    return { isWhole: false, valid, summary: 'no QR text of a German receipt', findings, uncertified: [] }
  const { clientId, transaction, signatureCounter, processData } = fields
  const unit = uncertified ? UNCERTIFIED : NOT_SHOWN
  const summary = `QR code, client ${clientId}, transaction ${transaction}, counter ${signatureCounter}, ${processData}, ${unit}`
  return { isWhole: valid, valid, summary, findings, uncertified: uncertified ? [serial] : [] }
}

function verdictOf({ isWhole: _, ...verdict }: Judged): Omit<CodeVerdict, 'line'> {
  return verdict
}

function isBlank(line: string): boolean {
  return line.trim() === ''
}
