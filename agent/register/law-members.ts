import type { CreateGoods, LineType } from '../contract/goods.ts'
import type { KeyOf } from '../contract/operation.ts'
import type { SentPayment } from '../contract/payment.ts'
import { FiskalError } from '../errors.ts'
import { isDeposit, lineRules } from './line-types.ts'

/** Types, members and forms of requests that not every law has, in the words of a refusal. */
const WORDS = {
  order: 'operations of type order',
  transfer: 'operations of type transfer',
  employee_benefit: 'operations of type employee_benefit',
  order_move: 'operations of type order_move',
  allocation_group: 'allocation_group',
  terminal: 'terminals',
  agency: 'agencies',
  in_house: 'in_house',
  department: 'departments',
  order_line: 'order_line_id',
  line_reference: 'references on a line',
  reference_kind: 'kind of an external_related_operation',
  minus_line: 'negative lines in a sale',
  tip_to_owner: 'tips to the owner',
  foreign_cash: 'foreign cash',
  empties_alone: 'returns of container_deposit lines without a reference',
  on_account: 'payments on account',
  receivable: 'lines of type receivable',
  single_purpose_voucher: 'lines of type single_purpose_voucher',
  omaggio: 'lines of type omaggio',
  tender: 'classes of payment (tender)',
  ticket_count: 'the number of meal vouchers (count)',
  rounding: 'payments by rounding',
} as const

/** Each law answers for each, in one table (`members` of its rules). */
export type LawMember = keyof typeof WORDS

type Line = CreateGoods['line_items'][number]
/** The answer that a member needs from the law; undefined for a member of every law. */
type Asked<Name extends string> = { readonly [Member in Name]: LawMember | undefined }

const EVERY_LAW = undefined
/** Its own rule asks, so that a law with all others is not asked for each line. */
const BY_ITS_RULE = undefined

const OF_TYPE: Asked<CreateGoods['type']> = {
  sale: EVERY_LAW,
  return: EVERY_LAW,
  exchange: EVERY_LAW,
  deposit: EVERY_LAW,
  deposit_capture: EVERY_LAW,
  order: 'order',
  transfer: 'transfer',
  employee_benefit: 'employee_benefit',
}

const OF_LINE_TYPE: Asked<LineType> = {
  item: EVERY_LAW,
  gift_card: EVERY_LAW,
  container_deposit: EVERY_LAW,
  service_charge: EVERY_LAW,
  deposit: EVERY_LAW,
  receivable: 'receivable',
  single_purpose_voucher: 'single_purpose_voucher',
  omaggio: BY_ITS_RULE,
}

const OF_OPERATION: Asked<KeyOf<CreateGoods>> = {
  type: EVERY_LAW,
  source: EVERY_LAW,
  register_id: EVERY_LAW,
  currency: EVERY_LAW,
  pretax_amount: EVERY_LAW,
  tax_amount: EVERY_LAW,
  tip_amount: EVERY_LAW,
  total_amount: EVERY_LAW,
  line_items: EVERY_LAW,
  cart_level_discounts: EVERY_LAW,
  related_operation_id: EVERY_LAW,
  related_external_id: EVERY_LAW,
  external_related_operation: EVERY_LAW,
  customer: EVERY_LAW,
  in_house: 'in_house',
  allocation_group: 'allocation_group',
  external_id: EVERY_LAW,
  operator_id: EVERY_LAW,
  operator_name: EVERY_LAW,
  terminal_id: 'terminal',
  note: EVERY_LAW,
  metadata: EVERY_LAW,
  training: EVERY_LAW,
}

const OF_LINE: Asked<KeyOf<Line>> = {
  sku_identifier: EVERY_LAW,
  title: EVERY_LAW,
  quantity: EVERY_LAW,
  unit_price: EVERY_LAW,
  total_amount: EVERY_LAW,
  type: EVERY_LAW,
  gift_card_id: EVERY_LAW,
  discounts: EVERY_LAW,
  gtin: EVERY_LAW,
  unit: EVERY_LAW,
  order_line_id: 'order_line',
  group: EVERY_LAW,
  agency_id: 'agency',
  in_house: 'in_house',
  department: BY_ITS_RULE,
  taxes: EVERY_LAW,
  related_operation_id: 'line_reference',
  external_related_operation: 'line_reference',
}

const OF_PAYMENT_METHOD: Asked<SentPayment['method']> = {
  cash: EVERY_LAW,
  card: EVERY_LAW,
  voucher: EVERY_LAW,
  gift_card: EVERY_LAW,
  bank_transfer: EVERY_LAW,
  digital_wallet: EVERY_LAW,
  store_credit: EVERY_LAW,
  other: EVERY_LAW,
  mobile: EVERY_LAW,
  online: EVERY_LAW,
  on_account: 'on_account',
  rounding: 'rounding',
}

const OF_PAYMENT: Asked<KeyOf<SentPayment>> = {
  payment_id: EVERY_LAW,
  method: EVERY_LAW,
  status: EVERY_LAW,
  amount: EVERY_LAW,
  currency: EVERY_LAW,
  base_amount: 'foreign_cash',
  exchange_rate: 'foreign_cash',
  tender: 'tender',
  count: 'ticket_count',
  processor: EVERY_LAW,
  processor_reference: EVERY_LAW,
  card_brand: EVERY_LAW,
  scheme: EVERY_LAW,
  tid: EVERY_LAW,
  processed_at: EVERY_LAW,
  gift_card_id: EVERY_LAW,
  external_related_operation: EVERY_LAW,
}

const REFERENCES: readonly KeyOf<Line>[] = ['related_operation_id', 'external_related_operation']

type Missing<Name extends string> = readonly { readonly name: Name; readonly member: LawMember }[]

/** The members that registers under a law may use, or operations without a register. */
export class LawMembers {
  /** False if {@link check} never refuses: it is not called then. Payments are always asked for. */
  readonly lacksAny: boolean
  readonly #who: string
  readonly #has: Readonly<Record<LawMember, boolean>>
  readonly #types: ReadonlyMap<string, LawMember>
  readonly #lineTypes: ReadonlyMap<string, LawMember>
  readonly #ofOperation: Missing<KeyOf<CreateGoods>>
  readonly #ofLine: Missing<KeyOf<Line>>
  readonly #methods: ReadonlyMap<string, LawMember>
  readonly #ofPayment: Missing<KeyOf<SentPayment>>

  /** `who`: whose answers these are, in a refusal. */
  constructor(who: string, has: Readonly<Record<LawMember, boolean>>) {
    this.#who = who
    this.#has = has
    this.#types = mapOf(OF_TYPE, has)
    this.#lineTypes = mapOf(OF_LINE_TYPE, has)
    this.#ofOperation = missing(OF_OPERATION, has)
    this.#ofLine = missing(OF_LINE, has)
    this.#methods = mapOf(OF_PAYMENT_METHOD, has)
    this.#ofPayment = missing(OF_PAYMENT, has)
    this.lacksAny =
      this.#types.size + this.#lineTypes.size + this.#ofOperation.length + this.#ofLine.length > 0 ||
      !has.reference_kind
  }

  has(member: LawMember): boolean {
    return this.#has[member]
  }

  /**
   * Throws `not_supported_by_law` unless the law has it. `pointer`: the place in the request that uses it; `named`: what it is
   * called there, by default the member.
   */
  require(member: LawMember, pointer: string, named = pointer.slice(pointer.lastIndexOf('/') + 1)): void {
    if (this.#has[member]) return
    throw new FiskalError('not_supported_by_law', `${this.#who} do not support ${WORDS[member]}.`, {
      member: named,
      pointer,
    })
  }

  /** Throws `not_supported_by_law` for the first member that the law does not have. Looks only for those. */
  check(request: CreateGoods): void {
    const ofType = this.#types.get(request.type)
    if (ofType !== undefined) this.require(ofType, '/type')
    const sent: Partial<Record<KeyOf<CreateGoods>, unknown>> = request
    for (const { name, member } of this.#ofOperation) if (sent[name] !== undefined) this.require(member, `/${name}`)
    if ('external_related_operation' in request) this.#checkKind(request, '')
    for (const [index, line] of request.line_items.entries()) {
      for (const { name, member } of this.#ofLine)
        if (needsLaw(line, name)) this.require(member, `/line_items/${index}/${name}`)
      const ofLineType = line.type === undefined ? undefined : this.#lineTypes.get(line.type)
      if (ofLineType !== undefined) this.require(ofLineType, `/line_items/${index}/type`, line.type)
      this.#checkKind(line, `/line_items/${index}`)
    }
  }

  /** The same for the payments, which come with the completion. */
  checkPayments(payments: readonly SentPayment[]): void {
    for (const [index, payment] of payments.entries()) {
      const ofMethod = this.#methods.get(payment.method)
      if (ofMethod !== undefined) this.require(ofMethod, `/payments/${index}/method`, payment.method)
      for (const { name, member } of this.#ofPayment)
        if (payment[name] !== undefined) this.require(member, `/payments/${index}/${name}`)
    }
  }

  #checkKind({ external_related_operation: external }: Pick<Line, 'external_related_operation'>, place: string): void {
    if (external?.kind !== undefined) this.require('reference_kind', `${place}/external_related_operation/kind`)
  }
}

/** True for a member that was sent. The deposit that a line takes off, and the claim that it settles, belong to its type. */
function needsLaw(line: Line, name: KeyOf<Line>): boolean {
  if (line[name] === undefined) return false
  if (name === 'related_operation_id' && isDeposit(line)) return false
  return !(REFERENCES.includes(name) && lineRules(line.type).isSettlement)
}

function mapOf(asked: Asked<string>, has: Readonly<Record<LawMember, boolean>>): ReadonlyMap<string, LawMember> {
  return new Map(missing(asked, has).map(({ name, member }) => [name, member]))
}

function missing<Name extends string>(asked: Asked<Name>, has: Readonly<Record<LawMember, boolean>>): Missing<Name> {
  const entries = Object.entries<LawMember | undefined>(asked) as [Name, LawMember | undefined][]
  return entries.flatMap(([name, member]) => (member === undefined || has[member] ? [] : [{ name, member }]))
}

/** Operations of a web shop: no register, table or drawer has them. */
export const ONLINE_MEMBERS = new LawMembers('Operations of source ONLINE', {
  order: false,
  transfer: false,
  employee_benefit: false,
  order_move: false,
  allocation_group: false,
  terminal: false,
  agency: false,
  in_house: false,
  department: false,
  order_line: false,
  line_reference: false,
  reference_kind: false,
  minus_line: false,
  empties_alone: false,
  on_account: false,
  receivable: false,
  single_purpose_voucher: false,
  omaggio: false,
  tip_to_owner: false,
  foreign_cash: false,
  tender: false,
  ticket_count: false,
  rounding: false,
})
