import { isUtf8 } from 'node:buffer'
import type { Json } from '../../base/canonical.ts'
import { shownPointer } from '../contract/pointer.ts'
import { FiskalError } from '../errors.ts'

const DEPTH_LIMIT = 32
/** Half a million levels block the parser, and so every till, for a third of a second; this many for a moment. */
const BUILT_DEPTH = 20_000
const ENTRIES_LIMIT = 1000
const TOO_DEEP = `must not be nested deeper than ${DEPTH_LIMIT} levels`
const BYTE_ORDER_MARK = '\ufeff'
const LONE_SURROGATE = /\p{Cs}/u
/** A text without a match has no number that a double cannot hold. An id such as `reg_01ME123` begins with no digit. */
const LONG_NUMBER = /[\d.]{16}|\b\d[\d.]*[eE]-?\d{3}/
/** Strings, so that digits in them are skipped, and numbers that may not fit a double. */
const TEXT_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.]{15,}(?:[eE][+-]?\d+)?|-?\d[\d.]*[eE][+-]?\d{3,}/g
const OUT_OF_RANGE = '1e999'
/** The longest notation of a double is shorter. */
const NUMBER_LENGTH = 40
const DOUBLE_DIGITS = 17
const NO_DOUBLE = 'must be a number that a double (IEEE 754) holds as it is, or text'

/**
 * The value of a JSON body. Refuses a body that is not JSON in UTF-8 (reason `json`), and JSON that no resource can
 * hold (reason `schema`): U+0000, lone surrogates, a member `__proto__`, numbers that would be rounded or are out of
 * range (RFC 7493, 2.2), nesting over 32, arrays of more than 1,000.
 */
export function parseJsonBody(bytes: Buffer): Json {
  if (!isUtf8(bytes)) throw notJson('The body is not UTF-8.')
  if (bytes.length > BUILT_DEPTH && isNestedOver(bytes, BUILT_DEPTH)) throw unfit([], TOO_DEEP)
  const text = bytes.toString('utf8')
  const parsed = parseText(text)
  const value = LONG_NUMBER.test(text) ? withoutRounded(text, parsed) : parsed
  // Raw control characters and raw surrogates do not pass the two steps above: only an escape can bring them.
  const escaped = text.includes('\\u')
  checkValue(value, { strings: escaped, names: escaped || text.includes('__proto__'), path: [] })
  return value
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c]
/** By byte: 1 opens a level, -1 closes one. */
const STEPS = Int8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  return '[{'.includes(character) ? 1 : ']}'.includes(character) ? -1 : 0
})

/** True if brackets outside of strings nest deeper than `levels`. */
function isNestedOver(bytes: Buffer, levels: number): boolean {
  let depth = 0
  let inText = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte === QUOTE) inText = !inText
    else if (inText) at += byte === BACKSLASH ? 1 : 0
    else depth += STEPS[byte] ?? 0
    if (depth > levels) return true
  }
  return false
}

function parseText(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw notJson(flawOf(text, error instanceof Error ? error.message : ''))
  }
}

/** Only the position from the parser's message: the rest may quote the body, which must not reach answer or log. */
function flawOf(text: string, message: string): string {
  if (text.startsWith(BYTE_ORDER_MARK)) return 'The body begins with a byte order mark (U+FEFF): send it without one.'
  const place = / at position \d+ \((line \d+ column \d+)\)$/.exec(message)?.[1]
  if (place === undefined) return 'The body is not well-formed JSON.'
  if (!message.startsWith('Bad control character')) return `The body is not well-formed JSON: ${place}.`
  return `A control character of a text must be written as an escape such as \\n: ${place}.`
}

/**
 * Replaces a number that was rounded by one that is out of range, so that `checkValue` refuses it with its pointer.
 * Only for well-formed JSON: in other text each quotation mark would be searched for until the end.
 */
function withoutRounded(text: string, parsed: Json): Json {
  const isKeptOrText = (match: string): boolean => match.startsWith('"') || isKept(match)
  const marked = text.replaceAll(TEXT_OR_NUMBER, (match) => (isKeptOrText(match) ? match : OUT_OF_RANGE))
  return marked === text ? parsed : parseText(marked)
}

/** A fraction of at most 17 digits is the notation of a double, whichever way its writer rounds. */
function isKept(number: string): boolean {
  if (number.length > NUMBER_LENGTH) return false
  const written = decimalOf(number)
  const held = decimalOf(String(Number(number)))
  if (written.digits === held.digits && written.exponent === held.exponent) return true
  return /[.eE]/.test(number) && written.digits.length <= DOUBLE_DIGITS && held.digits !== ''
}

/** The digits without zeros at either end, and the power of ten of the last one. 0 has no digits. */
function decimalOf(number: string): { digits: string; exponent: number } {
  const [mantissa = '', power = '0'] = number.replace('-', '').split(/[eE]/)
  const [whole = '', fraction = ''] = mantissa.split('.')
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  const exponent = significant === '' ? 0 : Number(power) - fraction.length + digits.length - significant.length
  return { digits: significant, exponent }
}

/** `path`: the steps to the value that is looked at. Its pointer is only made for a refusal. */
type Checks = { readonly strings: boolean; readonly names: boolean; readonly path: (string | number)[] }

function checkValue(value: Json, checks: Checks): void {
  const { path } = checks
  if (typeof value === 'string') checkText(value, path)
  if (typeof value === 'number' && !Number.isFinite(value)) throw unfit(path, NO_DOUBLE)
  if (typeof value !== 'object' || value === null) return
  if (path.length >= DEPTH_LIMIT) throw unfit(path, TOO_DEEP)
  if (Array.isArray(value)) {
    if (value.length > ENTRIES_LIMIT) throw unfit(path, `must hold at most ${ENTRIES_LIMIT} entries`)
    for (let index = 0; index < value.length; index++) checkEntry(value[index], index, checks)
    return
  }
  const members = value as { readonly [member: string]: Json }
  for (const name in members) {
    if (checks.names) checkName(name, path)
    checkEntry(members[name] ?? null, name, checks)
  }
}

/** Most values need no step of the path: a megabyte of numbers must not block the event loop. */
function checkEntry(value: Json, step: string | number, checks: Checks): void {
  if (typeof value === 'number' ? Number.isFinite(value) : value === null || typeof value === 'boolean') return
  if (typeof value === 'string' && !checks.strings) return
  checks.path.push(step)
  checkValue(value, checks)
  checks.path.pop()
}

function checkName(name: string, path: Checks['path']): void {
  if (name === '__proto__') throw unfit([...path, name], 'is an unknown member')
  checkText(name, path)
}

function checkText(text: string, path: Checks['path']): void {
  if (text.includes('\0')) throw unfit(path, 'must not hold U+0000')
  if (LONE_SURROGATE.test(text)) throw unfit(path, 'must not hold a lone surrogate')
}

function notJson(message: string): FiskalError {
  return new FiskalError('invalid_request', message, { reason: 'json' })
}

function unfit(path: Checks['path'], message: string): FiskalError {
  const shown = shownPointer(path)
  return new FiskalError('invalid_request', `${shown || 'The request'}: ${message}.`, {
    reason: 'schema',
    errors: [{ pointer: shown, message }],
  })
}
