import type { Column, TableName } from '../tables.ts'
import { KEY_COLUMNS, TABLES } from '../tables.ts'

/** Columns of a file as they stand in it, with the place of each. */
export type Layout = { table: TableName; url: string; columns: readonly Column[]; places: ReadonlyMap<string, number> }

export function layoutOf(table: TableName, more: readonly Column[]): Layout {
  const columns = [...KEY_COLUMNS, ...TABLES[table].columns, ...more]
  const places = new Map(columns.map(({ name }, index) => [name, index]))
  return { table, url: TABLES[table].url, columns, places }
}

/** A record whose cells have passed the rules of their columns. */
export class CheckedRow {
  readonly line: number
  /** Index of the closing it belongs to. */
  readonly closing: number
  /** BON_ID; 0 in files that have none. */
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

  /** '' where the cell is empty or the file has no such column. */
  text(column: string): string {
    const place = this.#layout.places.get(column)
    return place === undefined ? '' : (this.#cells[place] ?? '')
  }

  /** The number in hundred-thousandths, the finest of the package; 0 where the cell is empty. */
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
