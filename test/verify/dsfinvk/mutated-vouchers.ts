import type { Cells, Files, Mutate } from './mutating.ts'
import { cellsOf, recordsOf, withRecords } from './mutating.ts'

const COUNTING = '"0"'

/** Changes a column of a line of such a business case that is not cancelled, filled or not. */
export function onLine(column: string, businessCase: RegExp, value: string): Mutate {
  return (files, random) => {
    const [header = '', ...records] = recordsOf(files, 'lines.csv')
    const names = header.split(';')
    const [place, kind, cancelled] = [column, 'GV_TYP', 'P_STORNO'].map((name) => names.indexOf(name))
    const rows = records.map(cellsOf)
    const fitting = rows.flatMap((cells, at) => {
      const isOf = businessCase.test(cells[kind ?? 0] ?? '') && cells[cancelled ?? 0] === COUNTING
      return isOf && cells[place ?? 0] !== value ? [at] : []
    })
    if (fitting.length === 0) return undefined
    const at = random.pick(fitting)
    rows[at] = (rows[at] ?? []).with(place ?? 0, value)
    return withRecords(files, 'lines.csv', [header, ...rows.map((cells) => cells.join(';'))])
  }
}

/** True for a payment in another currency than euro. */
export function isForeign(_value: string, cells: Cells): boolean {
  return cells.includes('"CHF"')
}

/** A cent of the value of foreign cash is put on the euro of the same bon: no sum of the bon or of payment.csv changes. */
export const valueOnEuro: Mutate = (files: Files) => {
  const [header = '', ...records] = recordsOf(files, 'datapayment.csv')
  const names = header.split(';')
  const [place = 0, currency = 0] = ['BASISWAEH_BETRAG', 'ZAHLWAEH_CODE'].map((name) => names.indexOf(name))
  const rows = records.map(cellsOf)
  const foreign = rows.find((cells) => cells[currency] === '"CHF"')
  const euro = rows.find((cells) => cells[3] === foreign?.[3] && cells[currency] === '"EUR"')
  if (foreign === undefined || euro === undefined) return undefined
  for (const [cells, cents] of [
    [foreign, 1],
    [euro, -1],
  ] as const)
    cells[place] = ((Math.round(Number((cells[place] ?? '').replace(',', '.')) * 100) + cents) / 100)
      .toFixed(2)
      .replace('.', ',')
  return withRecords(files, 'datapayment.csv', [header, ...rows.map((cells) => cells.join(';'))])
}
