import { createHash } from 'node:crypto'
import type { Cell, Column } from './tables.ts'

export const SEPARATOR = ';'
export const RECORD_END = '\r\n'

/** Hex digits of the SHA-256 that make a shortened identifier unique. */
const DIGEST_DIGITS = 16

/** The text of a mandatory column without readable content. */
const NOTHING = '-'

/** Separators of consecutive empty cells: most cells are empty, so they are joined in advance. */
const GAPS = Array.from({ length: 40 }, (_, count) => SEPARATOR.repeat(count))

/** One record without its line end. */
export function record(columns: readonly Column[], row: { readonly [column: string]: Cell }): string {
  let line = ''
  let gap = 0
  // Hundreds of thousands of rows: an iterator would create an array for each column.
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index]
    const cell = column && row[column.name]
    if (column !== undefined && cell !== undefined && cell !== '') {
      line += (GAPS[gap] ?? SEPARATOR.repeat(gap)) + written(column, cell)
      gap = 0
    }
    if (index < columns.length - 1) gap += 1
  }
  return line + (GAPS[gap] ?? SEPARATOR.repeat(gap))
}

function written(column: Column, cell: string | bigint | number): string {
  if (column.kind === 'number') return decimalComma(typeof cell === 'string' ? BigInt(cell) : cell, column.size)
  const text = String(cell)
  if (column.name === 'TSE_VORGANGSDATEN') return quoted(cut(text, column.size))
  if (column.kind !== 'id' && column.mandatory) return quoted(mandatoryText(text, column.size))
  const shown = column.kind === 'id' ? identifier(text, column.size) : writtenText(text, column.size)
  if (shown.trim() !== '') return quoted(shown)
  return column.mandatory ? quoted(NOTHING) : ''
}

/** A text as it is written to a field of that many characters. */
export function writtenText(text: string, size: number): string {
  return cut(oneLine(text), size)
}

/**
 * The same in a mandatory column: a till may send only blanks and control characters as a name, and its books must be
 * written anyway.
 */
export function mandatoryText(text: string, size: number): string {
  const shown = writtenText(text, size)
  return shown.trim() === '' ? NOTHING : shown
}

/** True for a text without visible characters. */
export function isBlank(text: string | undefined): boolean {
  return (
    text === undefined ||
    oneLine(text)
      .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
      .trim() === ''
  )
}

/** −1250n with 2 decimals → `-12,50`; no grouping, no negative zero (DSFinV-K, index.xml). */
export function decimalComma(value: bigint | number, decimals: number): string {
  if (decimals === 0) return String(value)
  const sign = value < 0 ? '-' : ''
  const digits = String(value < 0 ? -value : value).padStart(decimals + 1, '0')
  return `${sign}${digits.slice(0, -decimals)},${digits.slice(-decimals)}`
}

function quoted(text: string): string {
  return `"${text.includes('"') ? text.replaceAll('"', '""') : text}"`
}

/**
 * Control characters and directional formatting (UAX #9): without its end it would reverse the following fields, too.
 */
const UNWRITTEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

/** Readers split at CR LF, so no field contains a line end. (A signed text is not changed.) */
export function oneLine(text: string): string {
  if (!/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(text)) return text
  return text.replace(/\r\n|[\n\r\t\u2028\u2029]/g, ' ').replace(UNWRITTEN, '')
}

/** At most `size` UTF-16 units; never splits a surrogate pair. */
export function cut(text: string, size: number): string {
  if (text.length <= size) return text
  const shortened = text.slice(0, size)
  return /[\uD800-\uDBFF]$/.test(shortened) ? shortened.slice(0, -1) : shortened
}

/** Never truncates an identifier to another one: if it is too long or blank, it ends in a digest of the whole. */
function identifier(text: string, size: number): string {
  const clean = oneLine(text)
  const isBlank = clean.trim() === ''
  if (clean.length <= size && !isBlank) return clean
  const digest = createHash('sha256')
    .update(isBlank ? text : clean)
    .digest('hex')
    .slice(0, Math.min(DIGEST_DIGITS, size - 1))
  return `${isBlank ? '' : cut(clean, size - digest.length - 1)}~${digest}`
}
