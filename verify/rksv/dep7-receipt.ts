import { isUtf8 } from 'node:buffer'
import type { FindingId } from './dep7-findings.ts'

/** The parsed fields of a receipt. Shares no code with the writer of receipts. */
export type CheckedReceipt = {
  signingInput: string
  /** Third segment of the JWS, decoded. */
  signature: Buffer
  isUnsigned: boolean
  suite: string
  /** True for suite R1-AT0, whose receipts name company and key instead of a certificate's serial. */
  isOfClosedSystem: boolean
  cashBoxId: string
  number: string
  stamp: string
  cents: bigint
  allZero: boolean
  counter: string
  kind: 'encrypted' | 'training' | 'void'
  serial: string
  previous: string
}

type AddFlaw = (id: FindingId, message: string, level?: Flaw['level']) => void
type Flaw = { id: FindingId; level: 'error' | 'warning'; message: string }

const HEADER = 'eyJhbGciOiJFUzI1NiJ9'
const SEGMENT = /^[A-Za-z0-9_-]+$/
/** § 17 RKSV. A copy on purpose: the writer's is `outageText` in agent/laws/austria/facts.ts. */
const OUTAGE_TEXT = 'Sicherheitseinrichtung ausgefallen'
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
/** Month offsets of Sakamoto's method for the day of the week. */
const weekdayTerms = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]

/** Parses a JWS text and returns the flaws of its form; `receipt` is undefined if the text cannot be parsed. */
export function readReceipt(jws: string): { receipt: CheckedReceipt | undefined; flaws: Flaw[] } {
  const flaws: Flaw[] = []
  const flaw: AddFlaw = (id, message, level = 'error') => void flaws.push({ id, level, message })
  const [head = '', body = '', third = '', ...more] = jws.split('.')
  if (more.length > 0 || ![head, body, third].every((part) => isCanonicalUrl(part))) {
    flaw('FORMAT_JWS', 'three parts of BASE64-URL without padding were expected')
    return { receipt: undefined, flaws }
  }
  if (head !== HEADER) flaw('FORMAT_JWS', `the header is ${head.slice(0, 40)}, not {"alg":"ES256"}`)
  const bytes = Buffer.from(body, 'base64url')
  const payload = bytes.toString('utf8')
  // Every invalid byte is decoded as the same replacement character: the shown text is then not the signed one.
  if (!isUtf8(bytes)) flaw('FORMAT_JWS', 'the content is not UTF-8')
  const elements = payload.split('_')
  if (elements.length !== 13 || elements[0] !== '') {
    flaw('BASICCONSTRAINTS_NUMBER_OF_ELEMENTS', `${elements.length - 1} elements instead of 12 after the first _`)
    return { receipt: undefined, flaws }
  }
  const signature = Buffer.from(third, 'base64url')
  const total = payload.length + 1 + 4 * Math.ceil(signature.length / 3)
  if (total < 100 || total > 1000) flaw('FORMAT_LENGTH', `the code has ${total} characters, not 100 to 1000`)
  const receipt = receiptOf(elements.slice(1), signature, `${head}.${body}`)
  checkFields(receipt, elements.slice(5, 10), flaw)
  return { receipt, flaws }
}

function receiptOf(fields: readonly string[], signature: Buffer, signingInput: string): CheckedReceipt {
  const [suite = '', cashBoxId = '', number = '', stamp = ''] = fields
  const [counter = '', serial = '', previous = ''] = fields.slice(9)
  const cents = fields.slice(4, 9).map((amount) => (isAmount(amount) ? BigInt(amount.replace(',', '')) : 0n))
  return {
    signingInput,
    signature,
    isUnsigned: signature.toString('utf8') === OUTAGE_TEXT,
    suite,
    isOfClosedSystem: suite === 'R1-AT0',
    cashBoxId,
    number,
    stamp,
    cents: cents.reduce((sum, one) => sum + one, 0n),
    allZero: cents.every((one) => one === 0n),
    counter,
    kind: counter === 'VFJB' ? 'training' : counter === 'U1RP' ? 'void' : 'encrypted',
    serial,
    previous,
  }
}

function checkFields(receipt: CheckedReceipt, amounts: readonly string[], flaw: AddFlaw): void {
  const { suite, cashBoxId, number, stamp } = receipt
  if (!/^R1-AT(0|[1-9][0-9]{0,2})$/.test(suite)) flaw('FORMAT_RK_SUITE', `"${suite}" is not R1-AT with 0 to 999`)
  for (const [name, text] of [
    ['Kassen-ID', cashBoxId],
    ['Belegnummer', number],
  ] as const)
    if (text === '' || text !== text.trim())
      flaw('FORMAT_JWS', `${name} "${text}" is empty or begins or ends with a blank`)
  if (!isLocalTime(stamp)) flaw('FORMAT_CHECK_TIMEANDDATE', `"${stamp}" is not a local time of Austria`)
  for (const amount of amounts)
    if (!isAmount(amount)) flaw('FORMAT_TAX_SET', `amount "${amount}" is not of the form 0,00`)
  checkCoded(receipt, flaw)
  const serialFlaw = flawOfSerial(receipt)
  if (serialFlaw) flaw('FORMAT_HEX_CHARS', serialFlaw.message, serialFlaw.level)
}

function checkCoded({ counter, kind, previous }: CheckedReceipt, flaw: AddFlaw): void {
  const bytes = isCanonical(counter) ? Buffer.from(counter, 'base64').length : 0
  if (kind === 'encrypted' && (bytes < 5 || bytes > 16))
    flaw('FORMAT_BASE64_CHARS', `the counter "${counter}" is not BASE64 of 5 to 16 bytes`)
  if (!isCanonical(previous) || Buffer.from(previous, 'base64').length !== 8)
    flaw('FORMAT_BASE64_CHARS', `the chain value "${previous}" is not BASE64 of 8 bytes`)
}

function flawOfSerial({
  serial,
  isOfClosedSystem,
}: CheckedReceipt): { message: string; level: Flaw['level'] } | undefined {
  if (isOfClosedSystem) {
    if (/^(U:[A-Z0-9]+|S:[0-9]{9}|G:[0-9]{13})-[^_-]+$/.test(serial)) return undefined
    return { message: `"${serial}" does not name company and key of a closed system`, level: 'error' }
  }
  if (!/^[0-9a-fA-F]{1,42}$/.test(serial)) return { message: `serial "${serial}" is not hexadecimal`, level: 'error' }
  if (/^[1-9a-f][0-9a-f]*$/.test(serial)) return undefined
  return { message: `serial "${serial}" has capitals or leading zeros`, level: 'warning' }
}

function isAmount(text: string): boolean {
  return text !== '-0,00' && /^-?(0|[1-9][0-9]*),[0-9]{2}$/.test(text)
}

/** True for BASE64 with padding whose unused bits are zero: decoding and encoding returns the same text. */
function isCanonical(text: string): boolean {
  return text !== '' && Buffer.from(text, 'base64').toString('base64') === text
}

function isCanonicalUrl(text: string): boolean {
  return SEGMENT.test(text) && Buffer.from(text, 'base64url').toString('base64url') === text
}

/** True for a second that exists in Austria's local time. */
function isLocalTime(stamp: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.exec(stamp)
  if (!match) return false
  const [year = 0, month = 0, day = 0, hour = 0] = match.slice(1).map(Number)
  const leap = month === 2 && ((year % 4 === 0 && year % 100 !== 0) || year % 400 === 0)
  if (day < 1 || day > (monthDays[month - 1] ?? 0) + (leap ? 1 : 0)) return false
  // Summer time begins at 02:00 on the last Sunday of March: the hour before 03:00 does not exist.
  const isLastSunday = month === 3 && day > 24 && weekday(year, month, day) === 0
  return !(isLastSunday && hour === 2)
}

/** 0 is Sunday. */
function weekday(year: number, month: number, day: number): number {
  const y = month < 3 ? year - 1 : year
  const leaps = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400)
  return (y + leaps + (weekdayTerms[month - 1] ?? 0) + day) % 7
}
