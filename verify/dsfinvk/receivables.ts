import { checkNoArticle } from './articles.ts'
import { isCancelled } from './cancelled-lines.ts'
import type { BonRows, Fault } from './closing-context.ts'
import type { CheckedRow } from './row.ts'

const RULE = 'Anhang C'
/** The keys of each: the goods of a claim were taxed when they were supplied, and those of an old one may be unknown. */
const KEYS: ReadonlyMap<string, readonly number[]> = new Map([
  ['Forderungsentstehung', [5]],
  ['Forderungsaufloesung', [5, 7]],
])

/** A claim that arises is not an article; one that is settled names its document. `vat`: the rows of the line. */
export function checkReceivable(
  line: CheckedRow,
  vat: readonly CheckedRow[],
  { head, references }: BonRows,
  fault: Fault,
): void {
  const businessCase = line.text('GV_TYP')
  const keys = KEYS.get(businessCase)
  if (keys === undefined) return
  for (const row of vat) {
    const key = row.number('UST_SCHLUESSEL')
    if (!keys.includes(key)) fault(row, 'UST_SCHLUESSEL', `is ${key} on a line ${businessCase}`, RULE)
  }
  if (businessCase === 'Forderungsentstehung') {
    checkNoArticle(line, fault)
    return
  }
  const isInNoSum = isCancelled(line) || head.text('BON_TYP') === 'AVBelegabbruch'
  const number = line.text('POS_ZEILE')
  if (!isInNoSum && !references.some((row) => row.text('POS_ZEILE') === number))
    fault(line, 'POS_ZEILE', `${number} settles a claim, and references.csv has no row of it`, RULE)
}
