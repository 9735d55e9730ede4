import { createHash } from 'node:crypto'
import { cut, mandatoryText, NOTHING, oneLine, writtenText } from '../written-text.ts'
import type { Cell, Column } from './tables.ts'

export const SEPARATOR = ';'
export const RECORD_END = '\r\n'

/** Hex digits of the SHA-256 that make a shortened identifier unique. */
const DIGEST_DIGITS = 16

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
