import { checkNoArticle } from './articles.ts'
import { isCancelled } from './cancelled-lines.ts'
import type { Fault } from './closing-context.ts'
import type { CheckedRow } from './row.ts'

const RULE = 'Anhang C'
const SOLD = new Set(['EinzweckgutscheinKauf', 'MehrzweckgutscheinKauf'])
const REDEEMED = new Set(['EinzweckgutscheinEinloesung', 'MehrzweckgutscheinEinloesung'])
/** Taxed when it is sold: without the number its goods would be taxed again (§ 3 (14) UStG). */
const NUMBERED = new Set(['EinzweckgutscheinKauf', 'EinzweckgutscheinEinloesung'])

/** The number of a voucher is on its lines only, and what is redeemed is not an article. */
export function checkVoucher(line: CheckedRow, fault: Fault): void {
  const businessCase = line.text('GV_TYP')
  const has = (column: string): boolean => line.text(column) !== ''
  if (has('GUTSCHEIN_NR') && !SOLD.has(businessCase) && !REDEEMED.has(businessCase))
    fault(line, 'GUTSCHEIN_NR', `is filled on a line ${businessCase}`, RULE)
  // Lines that were taken away are added up: the sum of several vouchers has no number.
  if (NUMBERED.has(businessCase) && !has('GUTSCHEIN_NR') && !isCancelled(line))
    fault(line, 'GUTSCHEIN_NR', `is empty on a line ${businessCase}`, RULE)
  if (REDEEMED.has(businessCase)) checkNoArticle(line, fault)
}
