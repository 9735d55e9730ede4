import { formatCents } from '../../base/money.ts'
import type { Row } from './rows.ts'
import { closingKey, rowsOf } from './rows.ts'
import type { TableName } from './tables.ts'

type Place = { name: string; street: string; postalCode: string; city: string; country: string }
/** One closing of a package by its sums and master data; amounts as the API writes them. */
export type PackagedClosing = {
  registerId: string
  number: number
  createdAt: string
  /** The calendar date of its booking. */
  businessDate: string
  registerSerial: string
  company: Place & { taxNumber: string; vatId: string }
  location: Place
  firstBon: string
  lastBon: string
  vat: { key: number; name: string; rate: string; amount: string; tax_amount: string }[]
  payments: { name: string; amount: string }[]
  businessCases: { name: string; amount: string; agencyId?: number }[]
  /** Cash in other currencies than the euro, in units of each. */
  foreignCash: { currency: string; amount: string }[]
}

const OTHER_FILES = ['location', 'cashregister', 'vat', 'businesscases', 'payment', 'cash_per_currency'] as const
const PERCENT = 100

/**
 * The closings of a package, in the order of each of its files. Unchecked; throws what reading the package throws.
 */
export async function* closingsIn(path: string): AsyncGenerator<PackagedClosing> {
  const tables = new Map<TableName, RowsOfClosings>()
  for (const name of OTHER_FILES) tables.set(name, new RowsOfClosings(rowsOf(path, name)))
  try {
    for await (const head of rowsOf(path, 'cashpointclosing')) {
      const own = new Map<TableName, readonly Row[]>()
      for (const [name, table] of tables) own.set(name, await table.take(closingKey(head)))
      yield closingFrom(head, (name) => own.get(name) ?? [])
    }
  } finally {
    for (const table of tables.values()) await table.end()
  }
}

/** One file of a package, closing by closing. */
class RowsOfClosings {
  readonly #rows: AsyncGenerator<Row>
  /** Already read; it belongs to a later closing. */
  #next: Row | undefined

  constructor(rows: AsyncGenerator<Row>) {
    this.#rows = rows
  }

  async take(key: string): Promise<readonly Row[]> {
    const taken: Row[] = []
    for (;;) {
      this.#next ??= (await this.#rows.next()).value as Row | undefined
      if (this.#next === undefined || closingKey(this.#next) !== key) return taken
      taken.push(this.#next)
      this.#next = undefined
    }
  }

  async end(): Promise<void> {
    await this.#rows.return(undefined)
  }
}

function closingFrom(row: Row, of: (name: TableName) => readonly Row[]): PackagedClosing {
  const text = (from: Row | undefined, column: string): string => from?.[column] ?? ''
  const createdAt = text(row, 'Z_ERSTELLUNG')
  const [location] = of('location')
  return {
    registerId: text(row, 'Z_KASSE_ID'),
    number: Number(text(row, 'Z_NR')),
    createdAt,
    businessDate: text(row, 'Z_BUCHUNGSTAG') || createdAt.slice(0, 10),
    registerSerial: text(of('cashregister')[0], 'KASSE_SERIENNR'),
    company: {
      name: text(row, 'NAME'),
      street: text(row, 'STRASSE'),
      postalCode: text(row, 'PLZ'),
      city: text(row, 'ORT'),
      country: text(row, 'LAND'),
      taxNumber: text(row, 'STNR'),
      vatId: text(row, 'USTID'),
    },
    location: {
      name: text(location, 'LOC_NAME'),
      street: text(location, 'LOC_STRASSE'),
      postalCode: text(location, 'LOC_PLZ'),
      city: text(location, 'LOC_ORT'),
      country: text(location, 'LOC_LAND'),
    },
    firstBon: text(row, 'Z_START_ID'),
    lastBon: text(row, 'Z_ENDE_ID'),
    vat: vatSums(of('businesscases'), of('vat')),
    payments: of('payment').map((one) => ({
      name: text(one, 'ZAHLART_NAME') || text(one, 'ZAHLART_TYP'),
      amount: formatCents(cents(text(one, 'Z_ZAHLART_BETRAG'))),
    })),
    businessCases: caseSums(of('businesscases')),
    foreignCash: foreignCash(of('cash_per_currency'), text(of('cashregister')[0], 'KASSE_BASISWAEH_CODE')),
  }
}

/** By business case and agency; AGENTUR_ID 0 or nothing is the company's own business. */
function caseSums(cases: readonly Row[]): PackagedClosing['businessCases'] {
  const sums = new Map<string, { name: string; agencyId: number; sum: bigint }>()
  for (const { GV_TYP: name = '', AGENTUR_ID: agency = '', Z_UMS_BRUTTO: gross = '0' } of cases) {
    const id = `${name} ${Number(agency)}`
    const sum = (sums.get(id)?.sum ?? 0n) + cents(gross)
    sums.set(id, { name, agencyId: Number(agency), sum })
  }
  return [...sums.values()].map(({ name, agencyId, sum }) => ({
    name,
    ...(agencyId !== 0 && { agencyId }),
    amount: formatCents(sum),
  }))
}

function foreignCash(rows: readonly Row[], baseCurrency: string): PackagedClosing['foreignCash'] {
  return rows.flatMap(({ ZAHLART_WAEH: currency = '', ZAHLART_BETRAG_WAEH: amount = '0' }) =>
    currency === baseCurrency ? [] : [{ currency, amount: formatCents(cents(amount)) }],
  )
}

function vatSums(cases: readonly Row[], rates: readonly Row[]): PackagedClosing['vat'] {
  const taxes = new Map(added(cases, 'UST_SCHLUESSEL', 'Z_UST'))
  const gross = added(cases, 'UST_SCHLUESSEL', 'Z_UMS_BRUTTO').sort(([a], [b]) => Number(a) - Number(b))
  return gross.map(([key, sum]) => {
    const row = rates.find((rate) => rate['UST_SCHLUESSEL'] === key)
    return {
      key: Number(key),
      name: row?.['UST_BESCHR'] ?? '',
      rate: String(Number(cents(row?.['UST_SATZ'] ?? '0')) / PERCENT / PERCENT),
      amount: formatCents(sum),
      tax_amount: formatCents(taxes.get(key) ?? 0n),
    }
  })
}

/** Sums of a column by the texts of another, in the order of their appearance. */
function added(from: readonly Row[], by: string, column: string): [string, bigint][] {
  const sums = new Map<string, bigint>()
  for (const row of from) sums.set(row[by] ?? '', (sums.get(row[by] ?? '') ?? 0n) + cents(row[column] ?? '0'))
  return [...sums]
}

/** `-12,5` and `-12,50000` are −1250n: sums are whole cents. */
function cents(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split(',')
  const value = BigInt(`${whole}${fraction.padEnd(2, '0').slice(0, 2)}`)
  return text.startsWith('-') ? -value : value
}
