import { isUtf8 } from 'node:buffer'
import type { Json } from '../canonical.ts'
import { FiskalError } from '../errors.ts'

const DEPTH_LIMIT = 32
const POINTER_LIMIT = 300
const LONE_SURROGATE = /\p{Cs}/u

/**
 * The value of a JSON body. Refuses what is no JSON in UTF-8 (reason `json`), and what JSON can write but no resource
 * can hold (reason `schema`): U+0000, lone surrogates, a member `__proto__`, numbers out of range, nesting over 32.
 */
export function parseJsonBody(bytes: Buffer): Json {
  if (!isUtf8(bytes)) throw notJson('The body is not UTF-8.')
  const text = bytes.toString('utf8')
  const value = parseText(text)
  // Raw control characters and raw surrogates do not pass the two steps above: only an escape can bring them.
  const escaped = text.includes('\\u')
  checkValue(value, 1, '', { strings: escaped, names: escaped || text.includes('__proto__') })
  return value
}

function parseText(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    // The parser's own message quotes the body: it stays out of answer and log.
    throw notJson('The body is not well-formed JSON.')
  }
}

type Checks = { readonly strings: boolean; readonly names: boolean }

function checkValue(value: Json, depth: number, pointer: string, checks: Checks): void {
  if (typeof value === 'string') checkText(value, pointer)
  if (typeof value === 'number' && !Number.isFinite(value)) throw unfit(pointer, 'must be a number in range')
  if (typeof value !== 'object' || value === null) return
  if (depth > DEPTH_LIMIT) throw unfit(pointer, `must not be nested deeper than ${DEPTH_LIMIT} levels`)
  if (Array.isArray(value)) checkItems(value, depth, pointer, checks)
  else checkMembers(value as { readonly [member: string]: Json }, depth, pointer, checks)
}

function checkItems(items: readonly Json[], depth: number, pointer: string, checks: Checks): void {
  for (const [index, item] of items.entries()) {
    if (needsLook(item, checks)) checkValue(item, depth + 1, `${pointer}/${index}`, checks)
  }
}

function checkMembers(
  members: { readonly [member: string]: Json },
  depth: number,
  pointer: string,
  checks: Checks,
): void {
  for (const name of Object.keys(members)) {
    if (checks.names) checkName(name, pointer)
    const member = members[name] ?? null
    if (needsLook(member, checks)) checkValue(member, depth + 1, `${pointer}/${escapePointer(name)}`, checks)
  }
}

/** Most values pass without a pointer being made for them: a megabyte of numbers must not stall the loop. */
function needsLook(value: Json, checks: Checks): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  return typeof value === 'string' ? checks.strings : typeof value === 'object' && value !== null
}

function checkName(name: string, pointer: string): void {
  if (name === '__proto__') throw unfit(`${pointer}/__proto__`, 'is an unknown member')
  checkText(name, pointer)
}

function checkText(text: string, pointer: string): void {
  if (text.includes('\0')) throw unfit(pointer, 'must not hold U+0000')
  if (LONE_SURROGATE.test(text)) throw unfit(pointer, 'must not hold a lone surrogate')
}

function escapePointer(name: string): string {
  return name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name
}

function notJson(message: string): FiskalError {
  return new FiskalError('invalid_request', message, { reason: 'json' })
}

function unfit(pointer: string, message: string): FiskalError {
  const shown = pointer.slice(0, POINTER_LIMIT).replaceAll(/\p{Cs}/gu, '\ufffd')
  return new FiskalError('invalid_request', `${shown || 'The request'}: ${message}.`, {
    reason: 'schema',
    errors: [{ pointer: shown, message }],
  })
}
