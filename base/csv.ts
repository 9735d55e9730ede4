import { visible } from './text.ts'

/** RFC 4180 with the separator of German and Italian spreadsheets; a field with it or with a quotation mark is quoted. */
export function csvLine(cells: readonly string[]): string {
  return `${csvRow(cells)}\n`
}

/** The same without the end of the line. */
export function csvRow(cells: readonly string[]): string {
  return cells.map(quoted).join(';')
}

/** Text of others on one line; an apostrophe before a formula keeps a spreadsheet from running it. */
export function csvText(words: string): string {
  const shown = visible(words)
  return /^[=+@-]/.test(shown) ? `'${shown}` : shown
}

function quoted(text: string): string {
  return /[";\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
