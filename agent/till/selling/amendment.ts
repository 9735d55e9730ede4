import type { Json } from '../../../base/canonical.ts'
import { canonicalJson, inOrder } from '../../../base/canonical.ts'
import { rfc3339 } from '../../../base/clock.ts'
import type { NewId } from '../../../base/ids.ts'
import type { AmendOperation, SentGoods } from '../../contract/amendment.ts'
import { refuseMissingAmounts, withAmounts } from '../../contract/amounts.ts'
import type { CreateGoods, UnpaidGoods } from '../../contract/goods.ts'
import { unfit } from '../../contract/parse.ts'
import { ORDER_LINES_MAX } from '../../contract/unpaid.ts'
import { FiskalError, unprocessable } from '../../errors.ts'
import type { MovementDocument, SoldDocument, UnpaidDocument } from '../../journal/documents/document.ts'
import { isSold, isUnpaid, originalIn } from '../../journal/documents/document.ts'
import type { OwnPart } from '../../journal/documents/own.ts'
import { refuseLongHistory } from '../../journal/event-limit.ts'
import type { Members, NewEvent, Parts } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { cancelledLines } from '../../register/cancelled-lines.ts'
import { goodsDocument } from '../../register/goods-document.ts'
import type { LawMembers } from '../../register/law-members.ts'
import { ONLINE_MEMBERS } from '../../register/law-members.ts'
import { wholeUnpaid } from '../../register/unpaid.ts'
import { checkVersion, operationOf, terminalOf } from '../guards.ts'
import { lawOf } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import { singleStep } from '../recording/mutations.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import { checkGoodsRules, refersToUnrecorded, rememberedVat } from './checked-goods.ts'
import { lawFor } from './create-goods.ts'
import { originalMarks } from './deposits.ts'
import { goodsOnPaper, isHalfPrinted } from './half-printed.ts'
import { overtakesStart, refuseUnlessOpen } from './open-sale.ts'
import { soldDocument } from './related-operations.ts'

/**
 * Members other than the goods: `kept` keep their value if left out, and so do `seen`, which the rules of goods read;
 * `fixed` never change, but may be sent again.
 */
const OTHER_MEMBERS = {
  customer: 'seen',
  external_id: 'kept',
  operator_id: 'kept',
  operator_name: 'kept',
  terminal_id: 'kept',
  allocation_group: 'seen',
  in_house: 'kept',
  note: 'kept',
  metadata: 'kept',
  type: 'fixed',
  source: 'fixed',
  register_id: 'fixed',
  currency: 'fixed',
  training: 'fixed',
  related_operation_id: 'fixed',
  external_related_operation: 'fixed',
} as const satisfies Record<Exclude<keyof AmendOperation, keyof SentGoods>, 'kept' | 'seen' | 'fixed'>
type Others = typeof OTHER_MEMBERS
type Seen = { [Name in keyof Others]: Others[Name] extends 'seen' ? Name : never }[keyof Others]
const OTHER_NAMES = Object.keys(OTHER_MEMBERS) as (keyof Others)[]
const KEPT = OTHER_NAMES.filter((name) => OTHER_MEMBERS[name] !== 'fixed')
const FIXED = OTHER_NAMES.filter((name) => OTHER_MEMBERS[name] === 'fixed')

/** An operation whose goods may change while it is open. */
type Amendable = SoldDocument | UnpaidDocument
/** `marks`: of the operations that the goods refer to. */
export type Amendment = {
  change: { readonly set: Partial<ReturnType<typeof amendedMembers>>; readonly own?: OwnPart; readonly law?: Members }
  marks: readonly NewEvent[]
}

/** PATCH of an open operation: its goods are replaced. No device takes part, so it has neither a plan nor an act. */
export function amendOperation(
  parts: TillParts,
  mutation: Mutation,
  input: AmendOperation,
  id: string,
): Promise<Answer> {
  return parts.mutations.run(mutation, (view) => {
    const document = operationOf(view, mutation, id)
    checkVersion(document, mutation)
    refuseUnlessOpen(document)
    // A start that is running or undecided does not prevent it: its outcome joins the amended operation.
    overtakesStart(view, id, { mayOvertake: true })
    const open = amendable(document)
    if (isHalfPrinted(parts.laws, open)) throw goodsOnPaper(open)
    const now = rfc3339(parts.clock.now())
    const { change, marks } = amendment(parts, view, open, input, now)
    const version = { resource_version: open.shown.resource_version + 1, updated_at: now }
    const recorded = recordedAfter(parts, view, open, change)
    const body = {
      ...origin(mutation),
      ...change,
      set: inOrder({ ...change.set, ...version, ...recorded?.set }),
      ...(recorded !== undefined && { law: { ...change.law, ...recorded.law } }),
    }
    refuseLongHistory(id, view.lengthOf(id), body)
    const step = singleStep({ kind: 'operation.amended', op: id, body }, 200, open)
    return { ...step, events: [...step.events, ...marks] }
  })
}

/** Throws `operation_invalid_state` for a reversal that waits for its device. */
export function amendable(document: MovementDocument): Amendable {
  if (document.kind !== 'void') return document
  const { id, status } = document.shown
  throw new FiskalError('operation_invalid_state', `The goods of ${document.kind} ${id} never change.`, {
    operation_id: id,
    status,
  })
}

/** The new goods of an operation, checked by every rule of a create. `now`: when they replace the present ones. */
export function amendment(
  parts: TillParts,
  view: View,
  document: Amendable,
  goods: AmendOperation,
  now: string,
): Amendment {
  const request = requestOf(document, goods)
  refuseOtherMembers(document, goods)
  refuseUnknownLines(document, goods)
  const { merchant_id: merchant, register_id: register } = document.shown
  const related = isSold(document) ? soldDocument(view, originalIn(document) ?? '') : undefined
  const law = lawOfGoods(parts, view, document)
  const sent = { input: request, merchant, law, related, amended: document }
  const isReferring = checkGoodsRules(parts, view, sent)
  const isRemembered = isReferring || law?.vat?.isConfigured === true
  const remembered = isRemembered ? rememberedVat(parts.clock, view, sent) : undefined
  if (goods.terminal_id !== undefined) terminalOf(parts.laws, view.register(register ?? '')?.shown, goods.terminal_id)
  const set = amendedMembers(document, goods, request, { now, newId: parts.newId })
  const amended = document.with({ set })
  const state = remembered !== undefined && { law: remembered }
  if (!isReferring || !isSold(document) || !isSold(amended)) return { change: { set, ...state }, marks: [] }
  const isUnrecorded = refersToUnrecorded(view, related, request)
  const isChanged = isUnrecorded !== document.own.original_unrecorded
  const change = { set, ...state, ...(isChanged && { own: { original_unrecorded: isUnrecorded } }) }
  return { change, marks: originalMarks(view, amended) }
}

/**
 * The members by which a law begins to record an operation that it did not record so far, such as a return that came to
 * nothing; undefined if nothing changes. Whether it is left out after all is decided when it ends.
 */
export function recordedAfter(
  parts: TillParts,
  view: View,
  document: MovementDocument,
  change: Parts,
): { set: Members; law: Members } | undefined {
  if (document.shown.fiscal.state !== 'not_required') return undefined
  const law = lawOfGoods(parts, view, document)
  if (law?.records(document.with(change), 'completed') !== true) return undefined
  return { set: { fiscal: { state: 'pending' } }, law: { name: law.facts.name } }
}

/** The law that records the operation, or would. */
export function lawOfGoods(parts: TillParts, view: View, document: MovementDocument): LawRules | undefined {
  const { merchant_id: merchant, register_id: id } = document.shown
  const register = id === null ? undefined : view.register(id)?.shown
  return lawOf(parts.laws, document) ?? lawFor(parts, view, merchant, register)
}

/** The members that the operation may use; asked again for those that come with its end. */
export function membersOf(parts: TillParts, view: View, document: MovementDocument): LawMembers | undefined {
  return document.shown.source === 'ONLINE' ? ONLINE_MEMBERS : lawOfGoods(parts, view, document)?.members
}

/** The members that the amendment sets, without those that every change sets. `request` has its amounts. */
function amendedMembers(
  { kind, shown }: Amendable,
  goods: AmendOperation,
  request: CreateGoods,
  { now, newId }: { now: string; newId: NewId },
) {
  const whole = goodsDocument(request, newId)
  const { pretax_amount, tax_amount, tip_amount, total_amount, line_items, cart_level_discounts: discounts } = whole
  const sent = KEPT.flatMap((name) => (goods[name] === undefined ? [] : [[name, goods[name]] as const]))
  const operator = goods.operator_id ?? shown.operator_id
  const taken = cancelledLines(kind, shown.line_items, line_items, { at: now, operator })
  const cancelled = [...(shown.cancelled_line_items ?? []), ...taken]
  return {
    ...Object.fromEntries<Json>(sent),
    ...{ pretax_amount, tax_amount, tip_amount, total_amount, line_items },
    ...(discounts !== undefined && { cart_level_discounts: discounts }),
    ...(cancelled.length > 0 && { cancelled_line_items: cancelled }),
  }
}

/** The request that would create the operation with these goods. Throws `invalid_request`, `unprocessable_entity`. */
function requestOf(document: Amendable, goods: AmendOperation): CreateGoods {
  const { shown } = document
  const { source, register_id, currency, training } = shown
  const reference = 'related_operation_id' in shown ? shown.related_operation_id : undefined
  const external = 'external_related_operation' in shown ? shown.external_related_operation : undefined
  const group = 'allocation_group' in shown ? shown.allocation_group : undefined
  const { type: _type, source: _source, register_id: _register, related_operation_id: _related, ...sent } = goods
  const common = {
    ...sent,
    currency,
    training,
    customer: goods.customer === undefined ? (shown.customer ?? undefined) : (goods.customer ?? undefined),
    external_related_operation: external,
    allocation_group: goods.allocation_group ?? group,
  } satisfies CommonMembers & { [Name in Seen]: unknown }
  if (isUnpaid(document)) return unpaidRequest(document, common)
  const { kind: type } = document
  const isBill = type === 'sale' || type === 'deposit_capture'
  if (!isBill && goods.allocation_group !== undefined) throw unknownMember('/allocation_group')
  refuseMissingAmounts(goods)
  const request: Exclude<CreateGoods, UnpaidGoods> = {
    ...withAmounts(common),
    type,
    source,
    register_id,
    related_operation_id: reference,
  }
  return request
}
type CommonMembers = Omit<AmendOperation, 'type' | 'source' | 'register_id' | 'related_operation_id' | 'customer'> &
  Pick<UnpaidGoods, 'currency' | 'customer'>

function unpaidRequest(
  { kind, shown }: UnpaidDocument,
  { cart_level_discounts, ...goods }: CommonMembers,
): UnpaidGoods {
  if (cart_level_discounts !== undefined) throw unknownMember('/cart_level_discounts')
  const { allocation_group = '' } = goods
  const register_id = shown.register_id ?? ''
  if (kind !== 'order') {
    refuseMissingAmounts(goods)
    return wholeUnpaid({ ...withAmounts(goods), type: kind, register_id })
  }
  if (goods.line_items.length > ORDER_LINES_MAX)
    throw unfit([{ pointer: '/line_items', message: `must hold at most ${ORDER_LINES_MAX} entries` }])
  return wholeUnpaid({ ...goods, type: kind, register_id, allocation_group })
}

/** A member that operations of this type do not have. */
function unknownMember(pointer: string): FiskalError {
  return unfit([{ pointer, message: 'is an unknown member' }])
}

/** Throws `unprocessable_entity` for the id of a line that the operation does not have, or has twice then. */
function refuseUnknownLines({ id: operation, shown }: Amendable, { line_items: lines }: AmendOperation): void {
  const known = new Set(shown.line_items.map(({ id }) => id))
  for (const [index, { id }] of lines.entries()) {
    if (id === undefined || known.delete(id)) continue
    const message = `Operation ${operation} has no line ${id}, or the request has it twice: leave the id of a new line out.`
    throw new FiskalError('unprocessable_entity', message, { pointer: `/line_items/${index}/id`, line_index: index })
  }
}

/** Throws `unprocessable_entity` for a member that differs from the operation's and never changes. */
function refuseOtherMembers({ shown }: Amendable, input: AmendOperation): void {
  const present: { readonly [Name in (typeof FIXED)[number]]?: Json | undefined } = { training: false, ...shown }
  for (const name of FIXED) {
    const sent = input[name]
    if (sent === undefined || canonicalJson(sent) === canonicalJson(present[name] ?? null)) continue
    throw unprocessable(`${name} of an operation never changes: leave it out.`, `/${name}`)
  }
}
