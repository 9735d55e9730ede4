import { median } from './statistics.ts'

/** One line of the table. Numbers in the unit next to them. */
export type Row = {
  section: string
  what: string
  measured: number
  unit: 'ms' | 'MB' | 'KB' | '/s' | '%' | '' | 's'
  /** The same value of the floor or of the minimal agent, in the same run. */
  floor?: number
  /** If it is not measured / floor. */
  ratio?: number
  target?: string
  met?: boolean
}

const HEADS = ['', 'measured', 'floor', 'ratio', 'target', 'met']
const WIDTHS = [58, 12, 12, 7, 22, 4]

/** A row whose ratio to the floor must not be above (or, for rates, below) a limit. */
export function ratioRow(row: Omit<Row, 'met' | 'target'>, limit: number, demand: 'at most' | 'at least'): Row {
  const ratio = row.ratio ?? row.measured / (row.floor ?? Number.NaN)
  const met = demand === 'at most' ? ratio <= limit : ratio >= limit
  return { ...row, ratio, target: `${demand === 'at most' ? '≤' : '≥'} ${limit} × floor`, met }
}

/** A row whose value must not be above (or below) a limit. */
export function limitRow(row: Omit<Row, 'met' | 'target'>, limit: number, demand: 'at most' | 'at least'): Row {
  const met = demand === 'at most' ? row.measured <= limit : row.measured >= limit
  return { ...row, target: `${demand === 'at most' ? '≤' : '≥'} ${shown(limit)} ${row.unit}`.trimEnd(), met }
}

/** The two measurements of one round. */
export type Pair<Of> = { readonly measured: Of; readonly floor: Of }

/** A row of several rounds, in each of which both were measured. */
export function comparedRow<Of>(
  named: Pick<Row, 'section' | 'what' | 'unit'>,
  pairs: readonly Pair<Of>[],
  pick: (of: Of) => number,
): Row {
  return {
    ...named,
    measured: median(pairs.map(({ measured }) => pick(measured))),
    floor: median(pairs.map(({ floor }) => pick(floor))),
    // Per round, because the machine is a different one each second.
    ratio: median(pairs.map(({ measured, floor }) => pick(measured) / pick(floor))),
  }
}

export function printHeads(): void {
  printCells(HEADS)
}

export function printRows(rows: readonly Row[]): void {
  let section = ''
  for (const row of rows) {
    if (row.section !== section) console.log(`\n${row.section}`)
    section = row.section
    const amount = (value: number | undefined): string => (value === undefined ? '' : `${shown(value)} ${row.unit}`)
    const ratio = row.ratio ?? (row.floor === undefined ? undefined : row.measured / row.floor)
    const met = row.met === undefined ? '' : row.met ? 'yes' : 'NO'
    const cells = [`  ${row.what}`, amount(row.measured), amount(row.floor), ratio?.toFixed(2) ?? '']
    printCells([...cells, row.target ?? '', met])
  }
}

function printCells(cells: readonly string[]): void {
  const [name = '', ...rest] = cells
  const padded = rest.map((cell, index) => cell.padStart(WIDTHS[index + 1] ?? 0))
  console.log(`${name.padEnd(WIDTHS[0] ?? 0)} ${padded.join(' ')}`.trimEnd())
}

function shown(value: number): string {
  const digits = Math.abs(value) < 1 ? 3 : Math.abs(value) < 100 ? 2 : 0
  return Number(value.toFixed(digits)).toLocaleString('en-US', { maximumFractionDigits: digits })
}
