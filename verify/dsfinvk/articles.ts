import type { Fault } from './closing-context.ts'
import type { CheckedRow } from './row.ts'

const COLUMNS = ['ART_NR', 'GTIN', 'WARENGR', 'MENGE', 'FAKTOR', 'EINHEIT', 'STK_BR']

/** For a line that deducts an amount: what it is taken off has the article. */
export function checkNoArticle(line: CheckedRow, fault: Fault): void {
  for (const column of COLUMNS)
    if (line.text(column) !== '') fault(line, column, `is filled on a line ${line.text('GV_TYP')}`, 'Anhang C')
}
