import type { BonRows, Fault } from './closing-context.ts'
import type { CheckedRow } from './row.ts'

const RULE = '§ 5.16'
/** Bons whose goods a till may change before their end. */
const CHANGEABLE = new Set(['Beleg', 'AVTraining', 'AVBestellung', 'AVTransfer', 'AVSachbezug'])
/** Goods as they were sent: the first lines of a bon. */
const GOODS = new Set([
  'Umsatz',
  'Pfand',
  'PfandRueckzahlung',
  'MehrzweckgutscheinKauf',
  'EinzweckgutscheinKauf',
  'Anzahlungseinstellung',
  'Forderungsaufloesung',
])
const CANCELLABLE = new Set([...GOODS, 'Anzahlungsaufloesung', 'EinzweckgutscheinEinloesung', 'TrinkgeldAG'])

/** True for a line that was cancelled before the signature: it is in no sum. */
export function isCancelled(line: CheckedRow): boolean {
  return line.text('P_STORNO') === '1'
}

/**
 * All lines of an abort are cancelled. In another bon of goods those are that were taken away before the end: one block
 * after the goods, without parts of their price.
 */
export function checkCancelled({ head, lines, prices }: BonRows, fault: Fault): void {
  const type = head.text('BON_TYP')
  if (type === 'AVBelegabbruch') {
    for (const line of lines.filter((one) => !isCancelled(one)))
      fault(line, 'P_STORNO', 'is 1 for each line of an AVBelegabbruch', RULE)
    return
  }
  const cancelled = lines.filter(isCancelled)
  const [first] = cancelled
  if (first === undefined) return
  if (!CHANGEABLE.has(type) || !isAfterGoods(lines, cancelled.length))
    fault(first, 'P_STORNO', 'is for lines of an AVBelegabbruch, and for a block after the goods of a bon', RULE)
  for (const line of cancelled) {
    if (!CANCELLABLE.has(line.text('GV_TYP'))) fault(line, 'GV_TYP', 'is not a business case of a cancelled line', RULE)
    if (prices.some((row) => row.text('POS_ZEILE') === line.text('POS_ZEILE')))
      fault(line, 'P_STORNO', 'is cancelled, but itemamounts.csv has rows of it', RULE)
  }
}

/** True if the cancelled lines follow each other, after goods alone and before none. */
function isAfterGoods(lines: readonly CheckedRow[], count: number): boolean {
  const start = lines.findIndex(isCancelled)
  const [before, block, after] = [lines.slice(0, start), lines.slice(start, start + count), lines.slice(start + count)]
  return block.every(isCancelled) && before.every(isGoods) && !after.some(isGoods)
}

/** A voucher without an article was issued as credit, after everything else. */
function isGoods(line: CheckedRow): boolean {
  const businessCase = line.text('GV_TYP')
  return GOODS.has(businessCase) && (businessCase !== 'MehrzweckgutscheinKauf' || line.text('ART_NR') !== '')
}
