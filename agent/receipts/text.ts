import type { ReceiptModel } from '../contract/receipt.ts'
import { gridOf } from './layout.ts'
import { printLines } from './lines.ts'
import type { CodeForm } from './sheet.ts'
import { sectionsOf } from './sheet.ts'

/**
 * The receipt for a printer of fixed columns: UTF-8, LF, the same bytes for the same model. A long name is
 * broken between words, a long value at the edge; it continues in column 1. The code of the law is printed as text.
 */
export function renderText(model: ReceiptModel, columns = 42, form: CodeForm = 'text'): string {
  const grid = gridOf(columns)
  const sections = printLines(sectionsOf(model, form === 'picture' ? 'text' : form), grid)
  const blocks = sections.map((lines) => lines.map((line) => ('code' in line ? line.code : line.text)).join('\n'))
  return `${blocks.join(`\n${grid.rule}\n`)}\n`
}
