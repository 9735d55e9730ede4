import type { Readable } from 'node:stream'
import { COLUMN_RULES } from './column-rules.ts'
import type { Cells } from './csv-reader.ts'
import { RECORD_END, readCells, readRecords } from './csv-reader.ts'
import type { Findings } from './findings.ts'
import type { Layout } from './row.ts'
import { CheckedRow } from './row.ts'
import type { Column } from './tables.ts'
import { KEY_COLUMNS } from './tables.ts'

type ColumnCheck = { column: Column; number: RegExp | undefined }

/** The closing of a key triple of a row; −1 for a key that cashpointclosing.csv does not have. */
export type ClosingOf = (keys: readonly string[]) => number

/**
 * Reads one file of a package, row by row in its order, and checks each cell by its column. A row is returned for the
 * closing and bon it belongs to; a row without a closing or bon at its place is a finding.
 */
export class TableReader {
  readonly #layout: Layout
  readonly #findings: Findings
  readonly #closingOf: ClosingOf
  readonly #checks: readonly ColumnCheck[]
  readonly #portions: AsyncGenerator<string>
  /** Read one by one, so that the objects of a record are short-lived. */
  #records = ''
  #at = 0
  #row: CheckedRow | undefined
  #line = 0
  /** The row before, with the text of its key: thousands of rows share one, which is read once. */
  #before: { cells: Cells; key: string; closing: number } | undefined
  #ended = false

  constructor(layout: Layout, stream: Readable, closingOf: ClosingOf, findings: Findings) {
    this.#layout = layout
    this.#findings = findings
    this.#closingOf = closingOf
    this.#portions = readRecords(stream)
    this.#checks = layout.columns.map((column) => ({
      column,
      number: column.kind === 'number' ? numberShape(column.size) : undefined,
    }))
  }

  /** The next row of a closing, whatever its bon. */
  async next(closing: number): Promise<CheckedRow | undefined> {
    const head = await this.#head(closing, undefined)
    if (head !== undefined) this.#row = undefined
    return head
  }

  /** All rows of a closing, or of one bon in it; without a promise if they are already read, as for most bons. */
  take(
    closing: number,
    bon: number | undefined,
    limit: number,
  ): readonly CheckedRow[] | Promise<readonly CheckedRow[]> {
    const rows: CheckedRow[] = []
    return this.#takeReady(closing, bon, limit, rows) ? rows : this.#takeAll(closing, bon, limit, rows)
  }

  async #takeAll(
    closing: number,
    bon: number | undefined,
    limit: number,
    rows: CheckedRow[],
  ): Promise<readonly CheckedRow[]> {
    do await this.#fill()
    while (!this.#takeReady(closing, bon, limit, rows))
    return rows
  }

  /** Takes the rows already read. False if more may follow. */
  #takeReady(closing: number, bon: number | undefined, limit: number, rows: CheckedRow[]): boolean {
    for (;;) {
      const row = this.#ready()
      if (row === undefined) return this.#ended
      const order = compare(row, closing, bon)
      if (order > 0) return true
      this.#row = undefined
      if (order < 0) this.#passOver(row)
      else if (rows.length < limit) rows.push(row)
      else this.#wrong(row.line, { what: `more than ${limit} rows belong together`, rule: '§ 12' })
    }
  }

  /** Reports each remaining row: no closing takes it. */
  async drain(): Promise<void> {
    while ((await this.#head(Number.MAX_SAFE_INTEGER, undefined)) !== undefined) this.#row = undefined
  }

  /** The row at hand if it belongs to the wanted place; what comes before it is reported and passed over. */
  async #head(closing: number, bon: number | undefined): Promise<CheckedRow | undefined> {
    for (;;) {
      const row = this.#ready()
      if (row === undefined) {
        if (this.#ended) return undefined
        await this.#fill()
        continue
      }
      const order = compare(row, closing, bon)
      if (order > 0) return undefined
      if (order === 0) return row
      this.#passOver(row)
      this.#row = undefined
    }
  }

  #passOver(row: CheckedRow): void {
    this.#wrong(row.line, {
      bon: row.bon === 0 ? undefined : String(row.bon),
      what: 'the row belongs to no closing and bon at its place: it has no head, or is out of order',
      rule: '§ 12.1',
    })
  }

  /** The next row of the records already read. */
  #ready(): CheckedRow | undefined {
    while (this.#row === undefined && this.#at < this.#records.length) {
      const end = this.#records.indexOf(RECORD_END, this.#at)
      this.#row = this.#read(this.#records.slice(this.#at, end))
      this.#at = end + RECORD_END.length
    }
    return this.#row
  }

  async #fill(): Promise<void> {
    this.#records = ''
    this.#at = 0
    try {
      const portion = await this.#portions.next()
      if (portion.done === true) this.#end()
      else this.#records = portion.value
    } catch (error) {
      this.#ended = true
      this.#wrong(this.#line + 1, {
        what: error instanceof Error ? error.message : 'the file cannot be read',
        rule: '§ 1',
      })
    }
  }

  #end(): void {
    this.#ended = true
    if (this.#line === 0) this.#wrong(1, { what: 'the header line is missing', rule: '§ 12.10' })
  }

  #read(record: string): CheckedRow | undefined {
    this.#line += 1
    if (this.#line === 1) {
      this.#header(record)
      return undefined
    }
    const before = this.#before
    const hasSameKey = before !== undefined && record.startsWith(before.key)
    const cells = readCells(record, hasSameKey ? before.cells : undefined)
    if (cells === undefined || cells.values.length !== this.#layout.columns.length) {
      const count = cells === undefined ? 'a quote is not closed' : `${cells.values.length} cells`
      this.#wrong(this.#line, { what: `${this.#layout.columns.length} cells are wanted: ${count}`, rule: '§ 1' })
      return undefined
    }
    for (let index = hasSameKey ? KEY_COLUMNS.length : 0; index < this.#checks.length; index++)
      this.#checkCell(cells, index)
    const closing = hasSameKey ? before.closing : this.#closingOf(cells.values)
    if (!hasSameKey) this.#before = { cells, key: record.slice(0, cells.keyChars + 1), closing }
    const row = new CheckedRow(this.#layout, this.#line, cells.values, closing)
    if (closing < 0)
      this.#wrong(this.#line, { what: 'the key is that of no closing in cashpointclosing.csv', rule: '§ 12.1' })
    return closing >= 0 && Number.isSafeInteger(row.bon) ? row : undefined
  }

  #header(record: string): void {
    const names = readCells(record)?.values.join(';')
    if (names !== this.#layout.columns.map(({ name }) => name).join(';'))
      this.#wrong(1, { what: 'the header is not that of index.xml', rule: '§ 12.10' })
  }

  #checkCell({ values, quoted }: Cells, index: number): void {
    const check = this.#checks[index]
    if (check === undefined) return
    const { column, number } = check
    const value = values[index] ?? ''
    const what = value === '' ? emptyFault(column) : cellFault(value, ((quoted >> index) & 1) === 1, column, number)
    if (what === undefined) return
    // A wrong number is not added to a sum.
    if (number !== undefined) values[index] = ''
    const bon = this.#layout.places.has('BON_ID') ? values[3] : undefined
    this.#wrong(this.#line, { column: column.name, bon, what, rule: '§ 12.8' })
  }

  #wrong(line: number, finding: { what: string; rule: string; bon?: string | undefined; column?: string }): void {
    this.#findings.add({ file: this.#layout.url, line, ...finding })
  }
}

function emptyFault({ mandatory }: Column): string | undefined {
  return mandatory ? 'is empty' : undefined
}

function cellFault(value: string, quoted: boolean, column: Column, number: RegExp | undefined): string | undefined {
  if (number !== undefined) {
    if (quoted || !number.test(value) || isNegativeZero(value))
      return `${shown(value)} is not a number with at most ${column.size} decimals and a comma`
  } else {
    if (!quoted) return `${shown(value)} is text without quotes`
    if (value.length > column.size && [...value].length > column.size)
      return `has ${value.length} characters, ${column.size} are allowed`
    if (/\n/.test(value)) return 'holds a line feed'
  }
  const rule = COLUMN_RULES[column.name]
  return rule === undefined || rule.fits(value) ? undefined : `${shown(value)} ${rule.says}`
}

function isNegativeZero(value: string): boolean {
  return value.startsWith('-') && !/[1-9]/.test(value)
}

function shown(value: string): string {
  return `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`
}

function numberShape(decimals: number): RegExp {
  return decimals === 0 ? /^-?\d{1,18}$/ : new RegExp(`^-?\\d{1,18}(,\\d{1,${decimals}})?$`)
}

function compare(row: CheckedRow, closing: number, bon: number | undefined): number {
  if (row.closing !== closing) return row.closing - closing
  return bon === undefined ? 0 : row.bon - bon
}
