import { randomBytes } from 'node:crypto'
import { visible } from '../../../base/text.ts'
import { CodedError, codeOf } from '../../../base/thrown.ts'

type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan' | 'inked'

/** Select graphic rendition (ECMA-48 § 8.3.117); `inked` is white on black. */
const CODES: Readonly<Record<Style, string>> = {
  bold: '1',
  dim: '2',
  green: '32',
  yellow: '33',
  red: '31',
  cyan: '36',
  inked: '97;40',
}

/** Replaces ESC until {@link print}: no text from outside can contain it, so none can have a style. */
const OWN = randomBytes(16).toString('hex')
const STYLED = new RegExp(`${OWN}(\\[(?:0|${Object.values(CODES).join('|')})m)`)

/** The words in a style on a terminal, for {@link print} alone; unchanged elsewhere and with NO_COLOR. */
export function styled(style: Style, text: string): string {
  const isColoured = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === ''
  return isColoured ? `${OWN}[${CODES[style]}m${text}${OWN}[0m` : text
}

/**
 * Prints one line. Text of shops, devices and receivers must not control the terminal or forge a line: only {@link styled} has
 * styles, and line ends are escaped too.
 */
export function print(line = ''): void {
  const pieces = line.split(STYLED)
  const shown = pieces.map((piece, index) => (index % 2 === 1 ? `\u001b${piece}` : visible(piece)))
  process.stdout.write(`${shown.join('')}\n`)
}

/** Prints the lines of a text that this program made, with the facts in it already on one line each. */
export function printLines(text: string): void {
  for (const line of text.split('\n')) print(line)
}

const UNREAD =
  'The output, which is shown only this once, was not read. Repeat the command; revoke the unread key or token by its id (list).'

/** Resolves when all output was read. Throws `output_closed` if no reader is left. */
export function printed(): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write('', (error) => {
      if (!error) resolve()
      else if (codeOf(error) !== 'EPIPE') reject(error)
      else reject(new CodedError('output_closed', UNREAD))
    })
  })
}

/** Aborts when no reader is left: a command that only shows something then ends. */
export function untilUnread(): AbortSignal {
  const unread = new AbortController()
  process.stdout.once('error', () => unread.abort())
  return unread.signal
}

/** Prints JSON on one line, so that a script may read it as a whole or by line. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value))
}

/** A value with its members named as every JSON of this program names them: `lastSeq` becomes `last_seq`. */
export function inSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inSnakeCase)
  if (typeof value !== 'object' || value === null) return value
  const named = Object.entries(value).map(([name, member]) => [
    name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    inSnakeCase(member),
  ])
  return Object.fromEntries(named)
}

/** `name value`, one pair a line; a nested value as JSON. */
export function printMembers(value: unknown): void {
  const members = Object.entries(value ?? {}).filter(([, member]) => member !== null && member !== undefined)
  const width = Math.max(0, ...members.map(([name]) => name.length))
  for (const [name, member] of members) {
    print(
      `${styled('dim', name.padEnd(width))}  ${typeof member === 'object' ? JSON.stringify(member) : String(member)}`,
    )
  }
}

/** Rows under their heads, columns as wide as needed. */
export function printTable(heads: readonly string[], rows: readonly (readonly string[])[]): void {
  const shown = rows.map((row) => row.map(visible))
  const widths = heads.map((head, column) => Math.max(head.length, ...shown.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  print(styled('dim', line(heads)))
  for (const row of shown) print(line(row))
}
