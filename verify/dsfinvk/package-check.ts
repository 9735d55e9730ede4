import type { RightSignatures } from '../tse/right-signatures.ts'
import type { Archive } from './archive.ts'
import { checkBon } from './bon-check.ts'
import type { BonRows, ClosingContext, Fault } from './closing-context.ts'
import { readMaster } from './closing-master.ts'
import type { NoteReport } from './closing-times.ts'
import { ClosingTimes } from './closing-times.ts'
import type { Findings } from './findings.ts'
import type { PackageColumns } from './index-check.ts'
import { namesGap } from './number-gaps.ts'
import { RateCheck } from './rate-check.ts'
import { Recount } from './recount.ts'
import { References } from './references.ts'
import type { CheckedRow } from './row.ts'
import { layoutOf } from './row.ts'
import type { ClosingOf } from './table-reader.ts'
import { TableReader } from './table-reader.ts'
import type { TableName } from './tables.ts'
import { TABLES } from './tables.ts'
import { TseCheck } from './tse-check.ts'

const CLOSINGS_MAX = 200_000
const CLOSING_ROWS_MAX = 20_000
const BON_ROWS_MAX = 100_000
const REFERENCES_READ = 1_000_000
const RULE = '§ 12.2'

/** Files with rows of bons, in the order of `#bon`. For the last one, only the bon of a row is checked. */
const BON_TABLES = [
  'datapayment',
  'lines',
  'lines_vat',
  'itemamounts',
  'transactions_vat',
  'transactions_tse',
  'references',
  'allocation_groups',
  'subitems',
] as const

type Readers = { readonly [Name in Exclude<TableName, 'cashpointclosing'>]: TableReader }
type Previous = { number: number; lastBon: number }

/** `ranges` as `register Z first–last`; `uncertified`: the serial numbers of uncertified TSEs that signed. */
type PackageFacts = {
  closings: number
  bons: number
  signatures: number
  unsigned: number
  uncertified: string[]
  ranges: string[]
}

/** Reads a package closing by closing and bon by bon, all files at the same time. */
export class PackageCheck {
  readonly #archive: Archive
  readonly #columns: PackageColumns
  readonly #findings: Findings
  readonly #times: ClosingTimes
  readonly #onNote: NoteReport
  readonly #rates: RateCheck
  readonly #tse: TseCheck
  readonly #places = new Map<string, number>()
  readonly #previous = new Map<string, Previous>()
  readonly #ranges = new Map<string, { first: number; last: number }>()
  readonly #references = new References()
  #bons = 0

  constructor(
    archive: Archive,
    columns: PackageColumns,
    findings: Findings,
    { onNote, known }: { onNote: NoteReport; known: RightSignatures | undefined },
  ) {
    this.#tse = new TseCheck(known)
    this.#archive = archive
    this.#columns = columns
    this.#findings = findings
    this.#onNote = onNote
    this.#times = new ClosingTimes(onNote)
    this.#rates = new RateCheck(onNote)
  }

  async run(signal: AbortSignal | undefined): Promise<void> {
    await this.#readClosings()
    await this.#readReferences()
    const heads = await this.#open('cashpointclosing', () => 0)
    const readers = await this.#openReaders()
    try {
      for (let index = 0; index < CLOSINGS_MAX; index++) {
        const head = await heads.next(0)
        if (head === undefined) break
        await this.#closing(index, head, readers, signal)
      }
      this.#references.settle()
      for (const reader of Object.values(readers)) await reader.drain()
    } finally {
      await this.#tse.end()
    }
  }

  get implausibleRates(): number {
    return this.#rates.implausible
  }

  facts(): PackageFacts {
    const ranges = [...this.#ranges].map(([register, { first, last }]) => `${register} Z ${first}–${last}`)
    const { signatures, unsigned } = this.#tse
    const uncertified = [...this.#tse.uncertified]
    return { closings: this.#places.size, bons: this.#bons, signatures, unsigned, uncertified, ranges }
  }

  /** cashpointclosing.csv has all keys, so it is read first. A year of a large shop has thousands of closings. */
  async #readClosings(): Promise<void> {
    const reader = await this.#silent('cashpointclosing')
    for (let count = 0; count < CLOSINGS_MAX; count++) {
      const row = await reader.next(0)
      if (row === undefined) break
      const key = tripleOf([row.text('Z_KASSE_ID'), row.text('Z_ERSTELLUNG'), row.text('Z_NR')])
      if (!this.#places.has(key)) this.#places.set(key, this.#places.size)
      else this.#findings.add({ file: row.file, line: row.line, what: 'the closing occurs twice', rule: RULE })
      this.#references.closing(row)
    }
    const file = 'cashpointclosing.csv'
    if (this.#places.size === 0) this.#findings.add({ file, what: 'there is no closing', rule: '§ 2' })
    if ((await reader.next(0)) !== undefined)
      this.#findings.add({ file, what: `more than ${CLOSINGS_MAX} closings: the others are not checked`, rule: '§ 12' })
  }

  async #readReferences(): Promise<void> {
    const reader = await this.#silent('references')
    for (let count = 0; count < REFERENCES_READ; count++) {
      const row = await reader.next(0)
      if (row === undefined) return
      this.#references.expect(row)
    }
  }

  /** Reads a file before its check, which reports the findings. */
  async #silent(table: TableName): Promise<TableReader> {
    const silent = { first: [], count: 0, add: () => undefined }
    const layout = layoutOf(table, TABLES[table].columns)
    return new TableReader(layout, await this.#archive.stream(layout.url), () => 0, silent)
  }

  async #openReaders(): Promise<Readers> {
    const closingOf = (keys: readonly string[]): number => this.#places.get(tripleOf(keys)) ?? -1
    const open = (table: TableName): Promise<TableReader> => this.#open(table, closingOf)
    return {
      location: await open('location'),
      cashregister: await open('cashregister'),
      slaves: await open('slaves'),
      pa: await open('pa'),
      tse: await open('tse'),
      vat: await open('vat'),
      businesscases: await open('businesscases'),
      payment: await open('payment'),
      cash_per_currency: await open('cash_per_currency'),
      transactions: await open('transactions'),
      datapayment: await open('datapayment'),
      lines: await open('lines'),
      itemamounts: await open('itemamounts'),
      subitems: await open('subitems'),
      transactions_tse: await open('transactions_tse'),
      transactions_vat: await open('transactions_vat'),
      lines_vat: await open('lines_vat'),
      allocation_groups: await open('allocation_groups'),
      references: await open('references'),
    }
  }

  async #open(table: TableName, closingOf: ClosingOf): Promise<TableReader> {
    const layout = layoutOf(table, this.#columns[table])
    return new TableReader(layout, await this.#archive.stream(layout.url), closingOf, this.#findings)
  }

  async #closing(index: number, head: CheckedRow, readers: Readers, signal: AbortSignal | undefined): Promise<void> {
    const take = async (table: keyof Readers): Promise<readonly CheckedRow[]> =>
      readers[table].take(index, undefined, CLOSING_ROWS_MAX)
    const label = `${head.text('Z_KASSE_ID')} Z ${head.text('Z_NR')}`
    const fault: Fault = (row, column, what, rule) =>
      this.#findings.add({ file: row?.file, line: row?.line, closing: label, column, what, rule })
    const master = {
      head,
      locations: await take('location'),
      registers: await take('cashregister'),
      tses: await take('tse'),
      vat: await take('vat'),
      slaves: await take('slaves'),
      agencies: await take('pa'),
    }
    const context = readMaster({ index, label }, master, fault, this.#onNote)
    this.#times.begin(head)
    const recount = new Recount(context)
    let first: CheckedRow | undefined
    let last: CheckedRow | undefined
    for (;;) {
      const row = await readers.transactions.next(index)
      if (row === undefined) break
      signal?.throwIfAborted()
      this.#order(row, last, context, fault)
      await this.#bon(row, readers, context, recount)
      first ??= row
      last = row
    }
    this.#times.end()
    this.#range(head, first, last, context, fault)
    const sums = {
      head,
      cases: await take('businesscases'),
      payments: await take('payment'),
      currencies: await take('cash_per_currency'),
    }
    recount.compare(sums, fault, this.#onNote)
  }

  #order(row: CheckedRow, last: CheckedRow | undefined, context: ClosingContext, fault: Fault): void {
    const before = last?.bon ?? this.#previousOf(row, context)?.lastBon
    if (before === undefined || row.bon === before + 1) return
    const isNamed = row.bon > before && namesGap(row.text('BON_NOTIZ'), 'bon', { from: before + 1, to: row.bon - 1 })
    if (!isNamed) fault(row, 'BON_ID', `${row.bon} follows ${before}: the numbers have a gap or are out of order`, RULE)
  }

  /** The closing before this one, if the package has it; `first`: the first bon of this one. */
  #previousOf(first: CheckedRow, { registerId, number }: ClosingContext): Previous | undefined {
    const previous = this.#previous.get(registerId)
    return previous !== undefined && follows(number, previous.number, first) ? previous : undefined
  }

  #range(
    head: CheckedRow,
    first: CheckedRow | undefined,
    last: CheckedRow | undefined,
    context: ClosingContext,
    fault: Fault,
  ): void {
    const { registerId, number } = context
    const before = this.#previous.get(registerId)
    if (before !== undefined && !follows(number, before.number, first))
      fault(head, 'Z_NR', `${number} follows ${before.number}: a closing is missing or out of order`, RULE)
    if (first === undefined || last === undefined) fault(head, undefined, 'the closing has no bon', '§ 4.1')
    else {
      if (head.text('Z_START_ID') !== first.text('BON_ID')) fault(head, 'Z_START_ID', 'is not the first bon', RULE)
      if (head.text('Z_ENDE_ID') !== last.text('BON_ID')) fault(head, 'Z_ENDE_ID', 'is not the last bon', RULE)
    }
    this.#previous.set(registerId, { number, lastBon: last?.bon ?? 0 })
    this.#ranges.set(registerId, { first: this.#ranges.get(registerId)?.first ?? number, last: number })
  }

  async #bon(row: CheckedRow, readers: Readers, context: ClosingContext, recount: Recount): Promise<void> {
    const bon = row.text('BON_ID')
    const fault: Fault = (at, column, what, rule) =>
      this.#findings.add({ file: at?.file, line: at?.line, closing: context.label, bon, column, what, rule })
    const taken = BON_TABLES.map((table) => readers[table].take(context.index, row.bon, BON_ROWS_MAX))
    const ready = areAtHand(taken) ? taken : await Promise.all(taken)
    const [payments = [], lines = [], linesVat = [], prices = [], vat = [], tse = [], references = [], groups = []] =
      ready
    const rows: BonRows = { head: row, payments, lines, linesVat, prices, vat, tse, references, groups }
    this.#bons += 1
    const sums = checkBon(rows, context, fault)
    this.#times.bon(rows)
    this.#rates.bon(rows, context)
    recount.add(rows, sums)
    for (const reference of rows.references) this.#references.check(reference, fault)
    this.#references.seen(context.registerId, context.number, row)
    const waiting = this.#tse.bon(rows, sums, context, fault)
    if (waiting !== undefined) await waiting
  }
}

/** True for the next closing, and for one whose first bon names which numbers were set aside between them. */
function follows(number: number, before: number, first: CheckedRow | undefined): boolean {
  if (number === before + 1) return true
  return number > before && namesGap(first?.text('BON_NOTIZ') ?? '', 'z', { from: before + 1, to: number - 1 })
}

type Rows = readonly CheckedRow[]

function areAtHand(taken: readonly (Rows | Promise<Rows>)[]): taken is readonly Rows[] {
  return taken.every((rows) => !(rows instanceof Promise))
}

function tripleOf([register = '', createdAt = '', number = '']: readonly string[]): string {
  return `${register}\0${createdAt}\0${number}`
}
