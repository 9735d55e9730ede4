import { localDate, parseRfc3339 } from '../../../../base/clock.ts'
import type { TransactionFacts } from '../../../journal/transaction-facts.ts'
import { FACTS } from '../facts.ts'
import type { LostContent } from '../lost-content.ts'
import { foreignOf, grossIn, isCashOnly, lostContent, sharesValue } from '../lost-content.ts'
import type { OrderedLine } from '../order-text.ts'
import { orderedCents } from '../order-text.ts'
import type { ReadBeleg } from '../process-data.ts'
import type { Bucket } from '../vat.ts'
import type { Bon, BonLine } from './bon.ts'
import type { BonTime } from './bon-times.ts'
import { NOT_TAXABLE, UNKNOWN_VAT } from './closing-vat.ts'
import type { BonFrame } from './document-bon.ts'
import { transferClaim } from './goods-lines.ts'
import type { NumberedBon } from './journal-bons.ts'
import { netted, noPayment } from './payments.ts'

const CURRENCY = 'EUR'
const NOTE = 'Aufzeichnung verloren; übernommen aus der TSE'
/** The text has the value of several currencies as one sum. */
const FOREIGN = 'Wert der Sorten insgesamt bei der ersten'
const TEXT = 'Aufzeichnung verloren: Betrag laut TSE'
/** ART_NR: only the VAT kind of the sold goods is known. */
const ARTICLE = 'unbekannt'
const CASH = { type: 'Bar', name: 'Bargeld', currency: CURRENCY } as const
const CASHLESS = { type: 'Unbar', name: 'Unbar laut TSE', currency: CURRENCY } as const
const ONE = 1000n
const PRICE_UNITS_PER_CENT = 1000n

/**
 * A bon that the journal lost, from the record of its TSE: the books contain the signed data and nothing else. Throws
 * RangeError if the journal does not hold what its row needs.
 */
export function lostBon(
  { number, told }: Extract<NumberedBon, { kind: 'lost' }>,
  { defaultOperator, vat }: BonFrame,
  times: (startMs: number, endMs: number) => BonTime,
): Bon {
  const tse = tseOf(told)
  const content = tse && lostContent(tse.processType, tse.processData)
  if (tse === undefined || content === undefined)
    throw new RangeError(`the TSE's data for transaction ${told.transaction} is not a bon`)
  const signedOn = localDate(tse.endMs, FACTS.timeZone)
  const rows = rowsOf(content, (kind) => vat.keyOfKind(kind, signedOn))
  const { start, end, onPaper } = times(tse.startMs, tse.endMs)
  return {
    id: number,
    type: content.type,
    ...rows,
    start,
    end,
    operator: { id: defaultOperator },
    note: [
      NOTE,
      ...(sharesValue(content) ? [FOREIGN] : []),
      ...paperNumbers(told),
      ...(onPaper === undefined ? [] : [onPaper]),
    ].join('; '),
    tse,
  }
}

function rowsOf(content: LostContent, keyOf: KeyOf): Pick<Bon, 'name' | 'lines' | 'payments'> {
  switch (content.type) {
    case 'AVSonstige':
      return { name: content.name, lines: [], payments: noPayment(CURRENCY) }
    case 'AVBestellung':
      return { lines: content.lines.map(orderedLine), payments: noPayment(CURRENCY) }
    default:
      return { lines: linesOf(content, keyOf), payments: paymentsOf(content) }
  }
}

/** Rows and signed text agree; the text has no VAT. */
function orderedLine(line: OrderedLine): BonLine {
  const { quantity, text, priceCents } = line
  const article = { number: ARTICLE, quantity, unitPrice: priceCents * PRICE_UNITS_PER_CENT }
  return { businessCase: 'Umsatz', text, article, vat: [{ key: UNKNOWN_VAT, cents: orderedCents(line) }] }
}

/** Its number is later than that on its paper: other receipts were given one before it was taken over. */
function paperNumbers({ paper_numbers: numbers, numbered_by: by }: TransactionFacts): string[] {
  if (numbers === undefined) return by === 'signatures' ? ['Nummer nach der Folge der Signaturen'] : []
  const { from, to } = numbers
  return [`auf Papier ${from === to ? `Nummer ${from}` : `eine der Nummern ${from}–${to}`}`]
}

/** Undefined if the journal does not have all of its members. */
function tseOf(told: TransactionFacts): Extract<Bon['tse'], { state: 'signed' }> | undefined {
  const { serial, transaction, process_type: processType, process_data: processData, started, finished } = told
  const [startMs, endMs] = [started, finished].map((log) => parseRfc3339(log?.log_time ?? ''))
  const { signature_counter: counter, signature } = finished ?? {}
  if (serial === undefined || transaction === undefined || startMs === undefined || endMs === undefined)
    return undefined
  if (processType === undefined || processData === undefined || counter === undefined || signature === undefined)
    return undefined
  return { state: 'signed', serial, transaction, startMs, endMs, processType, processData, counter, signature }
}

function paymentsOf(beleg: ReadBeleg): Bon['payments'] {
  const { cash, cashless } = beleg
  return netted(
    [
      { ...CASH, cents: cash },
      ...foreignOf(beleg).map(({ currency, units, cents }) => ({ ...CASH, currency, foreignCents: units, cents })),
      { ...CASHLESS, cents: cashless },
    ],
    CURRENCY,
  )
}

type KeyOf = (kind: Bucket) => number

/** One line for each VAT kind; the key of a kind is that of the rate on the day when the TSE signed. */
function linesOf(beleg: ReadBeleg, keyOf: KeyOf): BonLine[] {
  if (beleg.type === 'AVBelegabbruch') return []
  const lines = beleg.gross.flatMap((cents, index) =>
    cents === 0n ? [] : [lineOf(beleg, (index + 1) as Bucket, cents, keyOf)],
  )
  return lines.length > 0 ? lines : [movement(0n)]
}

function lineOf(beleg: ReadBeleg, kind: Bucket, cents: bigint, keyOf: KeyOf): BonLine {
  if (kind === NOT_TAXABLE && beleg.type === 'AVTransfer' && grossIn(beleg) === 0n) return transferClaim(-cents)
  if (kind === NOT_TAXABLE && isCashOnly(beleg)) return movement(cents)
  const unitPrice = (cents < 0n ? -cents : cents) * PRICE_UNITS_PER_CENT
  const article = { number: ARTICLE, quantity: cents < 0n ? -ONE : ONE, unitPrice }
  return { businessCase: 'Umsatz', text: TEXT, article, vat: [{ key: keyOf(kind), cents }] }
}

/** Cash without taxable turnover: into the drawer or out of it. */
function movement(cents: bigint): BonLine {
  return { businessCase: cents < 0n ? 'Auszahlung' : 'Einzahlung', text: TEXT, vat: [{ key: NOT_TAXABLE, cents }] }
}
