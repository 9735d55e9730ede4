import { inOrder } from '../../../base/canonical.ts'
import { rfc3339 } from '../../../base/clock.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import type { Register } from '../../contract/register.ts'
import { FiskalError } from '../../errors.ts'
import type { DocumentOf, ShownOf } from '../../journal/documents/document.ts'
import { isSold, newDocument, setBy } from '../../journal/documents/document.ts'
import type { OperationKind, SoldKind, UnpaidKind } from '../../journal/documents/kind.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { goodsDocument } from '../../register/goods-document.ts'
import { requireOpenSession } from '../../register/session.ts'
import {
  newestSession,
  refuseInactive,
  refuseUnfiscalized,
  registerOf,
  requireMerchant,
  terminalOf,
} from '../guards.ts'
import { lawOfCountry, lawOfRegister, lawWhere } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import type { Goods } from './checked-goods.ts'
import { checkGoodsRules, refersToUnrecorded, rememberedVat } from './checked-goods.ts'
import { originalMarks } from './deposits.ts'
import { soldDocument, withOriginal } from './related-operations.ts'

type MovementKind = SoldKind | UnpaidKind

/** POST of a goods movement: checked, journalled, and begun on the device if the law requires it. */
export function createGoods(parts: TillParts, mutation: Mutation, sent: CreateGoods): Promise<Answer> {
  return parts.mutations.run(mutation, (view, seq) => {
    const merchant = requireMerchant(mutation.merchantId)
    const register = registerFor(view, mutation, sent)
    const input = sent.related_external_id === undefined ? sent : withOriginal(view, mutation, sent)
    const law = lawFor(parts, view, merchant, register)
    const related =
      input.related_operation_id === undefined ? undefined : soldDocument(view, input.related_operation_id)
    const goods = { input, merchant, law, related }
    const isReferring = checkGoodsRules(parts, view, goods)
    if (register === undefined) refuseInactive(view, merchant)
    else refuseUnfiscalized(register)
    const session = register && requireOpenSession(newestSession(view, register.id), register.id)
    const isUnrecorded = isReferring && refersToUnrecorded(view, related, input)
    const document = newOperation(parts, view, register, goods, { session, isUnrecorded, isReferring })
    const index = {
      kind: input.type,
      merchant,
      ...(register !== undefined && { register: register.id }),
      ...(session !== undefined && { session }),
    }
    const body = { index, ...origin(mutation), ...setBy(document) }
    const event: NewEvent = { kind: 'operation.created', op: document.id, body }
    if (register !== undefined) parts.recorder.running.admit(register.fiscal_device)
    const step = parts.workflow.begin(view, seq, event, document, { goal: 'open', status: 201 })
    if (!isReferring || !isSold(document)) return step
    return { ...step, events: [...step.events, ...originalMarks(view, document)] }
  })
}

/** Undefined for ONLINE: a register key could neither read nor complete an operation without a register. */
function registerFor(view: View, mutation: Mutation, input: CreateGoods): Register | undefined {
  if (typeof input.register_id === 'string') return registerOf(view, mutation, input.register_id).shown
  if (input.source === 'ONLINE' && mutation.caller.kind === 'register')
    throw new FiskalError('forbidden', 'An ONLINE operation needs a platform key.')
  return undefined
}

/** The law of a document: the register's; for ONLINE that of the merchant's country. */
export function lawFor(
  parts: TillParts,
  view: View,
  merchant: string,
  register: Register | undefined,
): LawRules | undefined {
  if (register === undefined) return lawOfCountry(parts.laws, view.merchant(merchant)?.shown.country_code)
  return lawOfRegister(parts.laws, register) ?? lawWhere(parts.laws, view, register)
}

function newOperation(
  parts: TillParts,
  view: View,
  register: Register | undefined,
  goods: Goods,
  more: { session: string | undefined; isUnrecorded: boolean; isReferring: boolean },
): DocumentOf<MovementKind> {
  const { input, merchant, law } = goods
  const { session, isUnrecorded, isReferring } = more
  const isRemembered = isReferring || law?.vat?.isConfigured === true
  const remembered = isRemembered ? rememberedVat(parts.clock, view, goods) : undefined
  const set = inOrder({
    ...envelope(parts, merchant, register, input),
    session_id: session ?? null,
    note: input.note ?? null,
    ...goodsDocument(input, parts.newId),
    fiscal: { state: 'pending' },
  } satisfies Pick<ShownOf[MovementKind], keyof ShownOf[MovementKind]>)
  const own = isUnrecorded && { own: { original_unrecorded: true } as const }
  const document: DocumentOf<MovementKind> = newDocument(input.type, { set: set as ShownOf[MovementKind], ...own })
  if (law?.records(document, 'completed') === true)
    return document.with({ law: { name: law.facts.name, ...remembered } })
  const state = remembered !== undefined && { law: remembered }
  return document.with({ set: { fiscal: { state: 'not_required' } }, ...state })
}

/** The members that every operation has. */
type Envelope = Omit<ShownOf[OperationKind], 'fiscal'>

type Common<Type> = {
  type: Type
  source?: 'POS' | 'ONLINE' | undefined
  currency: string
  external_id?: string | undefined
  operator_id?: string | undefined
  operator_name?: string | undefined
  terminal_id?: string | undefined
  metadata?: Envelope['metadata'] | undefined
}

/** The common members of a new operation. */
export function envelope<Type extends OperationKind>(
  parts: TillParts,
  merchant: string,
  register: Register | undefined,
  input: Common<Type>,
): Envelope & { type: Type } {
  const now = rfc3339(parts.clock.now())
  return {
    id: parts.newId('op'),
    merchant_id: merchant,
    location_id: register?.location_id ?? null,
    register_id: register?.id ?? null,
    session_id: null,
    type: input.type,
    status: 'open',
    source: input.source ?? 'POS',
    currency: input.currency,
    external_id: input.external_id ?? null,
    ...(input.operator_id !== undefined && { operator_id: input.operator_id }),
    ...(input.operator_name !== undefined && { operator_name: input.operator_name }),
    ...(input.terminal_id !== undefined && { terminal_id: terminalOf(parts.laws, register, input.terminal_id) }),
    note: null,
    resource_version: 1,
    created_at: now,
    updated_at: now,
    completed_at: null,
    voided_at: null,
    metadata: input.metadata ?? null,
    fiscal_information: null,
    sync_status: 'pending',
    synced_at: null,
    issued_as: null,
  }
}
