import type { Readable } from 'node:stream'
import { TextDecoder } from 'node:util'

export const RECORD_END = '\r\n'
/** More than the longest record that the columns allow, quoted. */
const RECORD_CHARS_MAX = 64 * 1024
const BOM = '\uFEFF'

/** Whole records of a file as text, in portions; each record ends with CR LF. Throws Error for a file of another form. */
export async function* readRecords(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest = ''
  let isFirst = true
  for await (const chunk of stream) {
    const text = rest + decoded(decoder, chunk as Buffer)
    if (isFirst && text.startsWith(BOM)) throw new Error('the file begins with a byte order mark')
    const last = text.lastIndexOf(RECORD_END)
    const records = last < 0 ? '' : text.slice(0, last + RECORD_END.length)
    rest = text.slice(records.length)
    if (rest.length > RECORD_CHARS_MAX) throw new Error('the record does not end')
    isFirst = false
    if (records !== '') yield records
  }
  rest += decoded(decoder, undefined)
  if (rest !== '') throw new Error('the last record does not end with CR LF')
}

function decoded(decoder: TextDecoder, chunk: Buffer | undefined): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })
  } catch {
    throw new Error('the file is not UTF-8')
  }
}

export type Cells = {
  values: string[]
  /** Which of the first 31 cells are quoted: one bit each. */
  quoted: number
  /** Characters of the record before the separator after the third cell: the key, which many records in a row share. */
  keyChars: number
}

const KEY_CELLS = 3
const KEY_BITS = 0b111

/**
 * The cells of a record; undefined for any other text. `sameKey` are those of a record with the same key, which is not read
 * again.
 */
export function readCells(record: string, sameKey?: Cells): Cells | undefined {
  const cells = beginning(sameKey)
  const { values } = cells
  for (let at = sameKey === undefined ? 0 : sameKey.keyChars + 1; at <= record.length; ) {
    const inQuotes = record.charCodeAt(at) === 0x22
    const end = inQuotes ? endOfQuoted(record, at) : endOfBare(record, at)
    if (end < 0 || (end < record.length && record.charCodeAt(end) !== 0x3b)) return undefined
    if (inQuotes) cells.quoted |= 1 << values.length
    values.push(inQuotes ? unquoted(record.slice(at + 1, end - 1)) : record.slice(at, end))
    if (values.length === KEY_CELLS) cells.keyChars = end
    at = end + 1
  }
  return cells
}

function beginning(sameKey: Cells | undefined): Cells {
  if (sameKey === undefined) return { values: [], quoted: 0, keyChars: 0 }
  const { values, quoted, keyChars } = sameKey
  return { values: values.slice(0, KEY_CELLS), quoted: quoted & KEY_BITS, keyChars }
}

function unquoted(raw: string): string {
  return raw.includes('"') ? raw.replaceAll('""', '"') : raw
}

/** Place after the closing quote; −1 without one. */
function endOfQuoted(record: string, at: number): number {
  for (let from = at + 1; from <= record.length; ) {
    const quote = record.indexOf('"', from)
    if (quote < 0) return -1
    if (record.charCodeAt(quote + 1) !== 0x22) return quote + 1
    from = quote + 2
  }
  return -1
}

function endOfBare(record: string, at: number): number {
  const end = record.indexOf(';', at)
  return end < 0 ? record.length : end
}
