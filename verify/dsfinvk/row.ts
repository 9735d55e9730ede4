import type { Column, TableName } from './tables.ts'
import { TABLES } from './tables.ts'

/** The columns of a file in their order, with the place of each. */
export type Layout = { table: TableName; url: string; columns: readonly Column[]; places: ReadonlyMap<string, number> }

export function layoutOf(table: TableName, columns: readonly Column[]): Layout {
  const places = new Map(columns.map(({ name }, index) => [name, index]))
  return { table, url: TABLES[table].url, columns, places }
}

/** A record whose cells have passed the rules of their columns. */
export class CheckedRow {
  readonly line: number
  /** Index of the closing it belongs to. */
  readonly closing: number
  /** BON_ID; 0 in a file without it. */
  readonly bon: number
  readonly #layout: Layout
  readonly #cells: readonly string[]

  constructor(layout: Layout, line: number, cells: readonly string[], closing: number) {
    this.#layout = layout
    this.line = line
    this.#cells = cells
    this.closing = closing
    this.bon = Number(this.text('BON_ID'))
  }

  get file(): string {
    return this.#layout.url
  }

  /** '' if the cell is empty or the file has no such column. */
  text(column: string): string {
    const place = this.#layout.places.get(column)
    return place === undefined ? '' : (this.#cells[place] ?? '')
  }

  /** The number in hundred-thousandths, the finest unit of the package; 0 if the cell is empty. */
  units(column: string): bigint {
    return unitsOf(this.text(column))
  }

  number(column: string): number {
    return Number(this.text(column))
  }
}

/** `-12,5` → −1250000n. */
function unitsOf(text: string): bigint {
  const comma = text.indexOf(',')
  if (comma < 0) return BigInt(`${text}00000`)
  return BigInt(text.slice(0, comma) + text.slice(comma + 1).padEnd(5, '0'))
}
