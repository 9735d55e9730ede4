import { centsMoved, formatCents, toCents } from '../../../base/money.ts'
import type { ForeignSums } from '../../contract/foreign-cash.ts'
import { bookedByCount } from '../../journal/documents/cash-count.ts'
import type {
  DocumentOf,
  GoodsDocument,
  MovementDocument,
  OperationDocument,
  UnpaidDocument,
} from '../../journal/documents/document.ts'
import { isGoods, isUnpaid } from '../../journal/documents/document.ts'
import type { SessionEventKind } from '../../journal/documents/kind.ts'
import { euroCents, foreignCents } from '../../register/payments.ts'
import { moveText } from './order-move.ts'
import { BESTELLUNG, orderText } from './order-text.ts'
import type { Bucket } from './vat.ts'
import { bucketOf } from './vat.ts'

export const KASSENBELEG = 'Kassenbeleg-V1'
export const SONSTIGER_VORGANG = 'SonstigerVorgang'
export const ABBRUCH = 'AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^'

/** In the order of processData: foreign cash comes between them. */
const PAYMENT_KINDS = ['Bar', 'Unbar'] as const
type PaymentKind = (typeof PAYMENT_KINDS)[number]

/** Kinds of receipts with amounts; those of UNPAID_TYPES have no payment part (DSFinV-K Anhang B). */
type Vorgangstyp = 'Beleg' | (typeof UNPAID_TYPES)[number]
const UNPAID_TYPES = ['AVTraining', 'AVTransfer', 'AVSachbezug'] as const
/** The types of goods without payments that are signed with their amounts. */
export const UNPAID_TYPE_OF = { transfer: 'AVTransfer', employee_benefit: 'AVSachbezug' } as const

/** Gross turnover by VAT kind and payments of one bon, in cents. */
type Beleg = {
  turnover: readonly { bucket: Bucket; cents: bigint }[]
  payments: readonly { kind: PaymentKind; cents: bigint }[]
  /** Foreign cash: units by currency; only if there is any. */
  foreign?: ReadonlyMap<string, bigint>
}

const NOTHING: Beleg = { turnover: [], payments: [] }

/** The process type of a completed document; practice is signed as a receipt, whatever it practises. */
export function processTypeOf(document: OperationDocument): string {
  if (document.kind === 'order_move' && document.shown.training !== true) return SONSTIGER_VORGANG
  return document.kind === 'order' && document.shown.training !== true ? BESTELLUNG : KASSENBELEG
}

/**
 * processData of a completed document: goods movement or session event. This is the text that the TSE signs; aborts and
 * drawer openings have others (`textToSign` in rules.ts). Checks calculate it again on purpose:
 * verify/dsfinvk/process-data.ts, and agent/laws/germany/books/ (operation-sums.ts, order-text.ts, move-text.ts).
 */
export function processDataOf(document: OperationDocument): string {
  if (isUnpaid(document)) return unpaidData(document)
  if (document.kind === 'order_move')
    return document.shown.training === true ? kassenbeleg('AVTraining', NOTHING) : moveText(document)
  if (!isGoods(document)) return kassenbeleg('Beleg', cashBeleg(sessionCash(document), foreignOf(document)))
  const beleg = goodsBeleg(document)
  // Practice has no payment part: DSFinV-K Annex B.
  if (document.shown.training === true) return kassenbeleg('AVTraining', { turnover: beleg.turnover, payments: [] })
  if (document.kind === 'void' && document.own.reverses !== undefined)
    return withoutPayments(UNPAID_TYPE_OF[document.own.reverses], linesTurnover(document))
  return kassenbeleg('Beleg', beleg)
}

/** Goods without payments; practice is AVTraining. */
function unpaidData(document: UnpaidDocument): string {
  const { line_items: lines, training } = document.shown
  if (document.kind === 'order' && training !== true) return orderText(lines)
  return withoutPayments(unpaidType(document), linesTurnover(document))
}

function withoutPayments(type: ReturnType<typeof unpaidType>, turnover: Beleg['turnover'][number][]): string {
  if (type === 'AVTransfer') turnover.push({ bucket: 5, cents: -sumOf(turnover) })
  return kassenbeleg(type, { turnover, payments: [] })
}

/**
 * True if the other system's claim for a transfer is deducted in B5: nothing is paid here, so the parts add up to 0.00
 * (DSFinV-K 2.4 Anhang I). A transfer that an earlier version signed has no such claim, and its rows follow its text.
 */
export function hasClaim(document: DocumentOf<'transfer' | 'void'>, signed: string | undefined): boolean {
  return signed === undefined || signed === processDataOf(document)
}

function sumOf(turnover: Beleg['turnover']): bigint {
  return turnover.reduce((sum, { cents }) => sum + cents, 0n)
}

function unpaidType({ kind, shown: { training } }: UnpaidDocument): 'AVTraining' | 'AVTransfer' | 'AVSachbezug' {
  if (training === true || kind === 'order') return 'AVTraining'
  return UNPAID_TYPE_OF[kind]
}

/** Cash that a session event moves, in cents; it is the whole bon. */
function sessionCash(document: DocumentOf<SessionEventKind>): bigint {
  switch (document.kind) {
    case 'session_open':
      return centsMoved(document.shown.opening_balance_amount)
    case 'session_cash_adjustment':
      return centsMoved(document.shown.cash_amount)
    case 'session_cash_count':
      return bookedByCount(document)
    case 'session_close':
      return centsMoved(document.shown.closing_adjustment_amount)
    default:
      return document satisfies never
  }
}

/** Foreign cash that a count or a close books. */
function foreignOf(document: DocumentOf<SessionEventKind>): ForeignSums | undefined {
  return 'foreign' in document.own ? document.own.foreign : undefined
}

/** A movement of the drawer is balanced: B5 equals the payments and the value of foreign cash. */
function cashBeleg(cents: bigint, foreign: ForeignSums = {}): Beleg {
  const sums = Object.entries(foreign)
  const turnover = [cents, ...sums.map(([, { base }]) => BigInt(base))].map((each) => ({
    bucket: 5 as const,
    cents: each,
  }))
  const units = new Map(sums.map(([currency, moved]) => [currency, BigInt(moved.units)]))
  return { turnover, payments: [{ kind: 'Bar', cents }], foreign: units }
}

/**
 * Goods keep their VAT kind, and a tip to the employee is untaxed (B5). A redeemed voucher (`gift_card`) is not a payment
 * but a negative B5 (§ 3 (15) UStG); money that is put on a voucher is a positive B5. Goods on account (`on_account`)
 * are a claim, not a payment: also a negative B5. So ΣB equals Σ payments.
 */
function goodsBeleg(document: GoodsDocument): Beleg {
  const { shown, own } = document
  const { tip_amount: tip, payments: paid = [], training } = shown
  const turnover = linesTurnover(document)
  turnover.push({ bucket: 5, cents: toCents(tip) })
  if (training === true) return { turnover, payments: [] }
  const payments: Beleg['payments'][number][] = []
  let foreign: Map<string, bigint> | undefined
  for (const payment of paid) {
    if (!own.counted_statuses.includes(payment.status)) continue
    const cents = euroCents(payment)
    if (payment.method === 'gift_card' || payment.method === 'on_account') turnover.push({ bucket: 5, cents: -cents })
    else if (payment.base_amount === undefined)
      payments.push({ kind: payment.method === 'cash' ? 'Bar' : 'Unbar', cents })
    else {
      foreign ??= new Map()
      foreign.set(payment.currency, (foreign.get(payment.currency) ?? 0n) + foreignCents(payment))
    }
  }
  return { turnover, payments, ...(foreign && { foreign }) }
}

function linesTurnover({ shown, parts }: Pick<MovementDocument, 'shown' | 'parts'>): Beleg['turnover'][number][] {
  const recorded = parts.law['vat']
  return shown.line_items.map((line) => {
    // The rate was accepted at creation; a rate of any date keeps its kind.
    const [tax] = line.taxes
    const bucket = bucketOf(tax, recorded)
    if (bucket === undefined) throw new Error(`no German VAT kind has the rate ${tax?.rate}`)
    return { bucket, cents: toCents(line.total_amount) }
  })
}

/**
 * processData of `Kassenbeleg-V1`: `Vorgangstyp^B1_B2_B3_B4_B5^payments`. Always five buckets, two decimals, a point;
 * payments summed per kind and currency: Bar, foreign cash from A to Z, Unbar; sums of 0.00 omitted. DSFinV-K Annex I.
 */
function kassenbeleg(vorgangstyp: Vorgangstyp, beleg: Beleg): string {
  const buckets = [0n, 0n, 0n, 0n, 0n]
  for (const { bucket, cents } of beleg.turnover) buckets[bucket - 1] = (buckets[bucket - 1] ?? 0n) + cents
  const [cash, cashless] = PAYMENT_KINDS.map((kind) => {
    const cents = beleg.payments.reduce((sum, payment) => (payment.kind === kind ? sum + payment.cents : sum), 0n)
    return cents === 0n ? [] : [`${formatCents(cents)}:${kind}`]
  })
  const payments = [...(cash ?? []), ...foreignParts(beleg.foreign), ...(cashless ?? [])]
  return `${vorgangstyp}^${buckets.map(formatCents).join('_')}^${payments.join('_')}`
}

function foreignParts(foreign: Beleg['foreign']): string[] {
  if (foreign === undefined) return []
  const currencies = [...foreign.keys()].filter((currency) => foreign.get(currency) !== 0n)
  return currencies.sort().map((currency) => `${formatCents(foreign.get(currency) ?? 0n)}:Bar:${currency}`)
}

/** The content of a bon's processData: gross by VAT kind, B1 to B5, and the payments, in cents. */
export type ReadBeleg = {
  type: Vorgangstyp | 'AVBelegabbruch'
  gross: readonly bigint[]
  cash: bigint
  cashless: bigint
  /** Units of foreign cash, with the value of all of them in euro. */
  foreign?: { readonly units: ReadonlyMap<string, bigint>; readonly cents: bigint }
}

const DECIMAL = '-?\\d{1,15}\\.\\d\\d'
const FOREIGN = /^Bar:(?!EUR)[A-Z]{3}$/
const BELEG = new RegExp(
  `^(Beleg|${UNPAID_TYPES.join('|')}|AVBelegabbruch)\\^${Array(5).fill(`(${DECIMAL})`).join('_')}\\^((?:${DECIMAL}:(?:Bar(?::[A-Z]{3})?|Unbar)_?)*)$`,
)

/** Undefined for any text that `kassenbeleg` would not write exactly so: nothing is guessed. */
export function readKassenbeleg(text: string): ReadBeleg | undefined {
  const [, type, ...parts] = BELEG.exec(text) ?? []
  if (type === undefined) return undefined
  const gross = parts.slice(0, 5).map((amount) => toCents(amount ?? '0'))
  const paid = new Map<string, bigint>()
  for (const part of parts[5] === '' ? [] : (parts[5] ?? '').split('_')) {
    const [amount = '', name = ''] = part.split(/:(.*)/)
    paid.set(name, toCents(amount))
  }
  const [cash, cashless] = [paid.get('Bar') ?? 0n, paid.get('Unbar') ?? 0n]
  const units = new Map(
    [...paid].flatMap(([name, cents]) => (FOREIGN.test(name) ? [[name.slice(4), cents] as const] : [])),
  )
  const cents = gross.reduce((sum, each) => sum + each, -cash - cashless)
  const foreign = units.size === 0 ? {} : { foreign: { units, cents } }
  const beleg = { type: type as ReadBeleg['type'], gross, cash, cashless, ...foreign }
  return written(beleg) === text ? beleg : undefined
}

/** The text as it would be signed; undefined if turnover and payments are not balanced. */
function written({ type, gross, cash, cashless, foreign }: ReadBeleg): string | undefined {
  if (type === 'AVBelegabbruch') return ABBRUCH
  const turnover = gross.map((cents, index) => ({ bucket: (index + 1) as Bucket, cents }))
  if (type !== 'Beleg') return kassenbeleg(type, { turnover, payments: [] })
  const balance = gross.reduce((sum, cents) => sum + cents, -cash - cashless)
  const payments = [
    { kind: 'Bar' as const, cents: cash },
    { kind: 'Unbar' as const, cents: cashless },
  ]
  // The value of foreign cash is what the balance leaves.
  if (foreign === undefined && balance !== 0n) return undefined
  return kassenbeleg(type, { turnover, payments, ...(foreign && { foreign: foreign.units }) })
}
