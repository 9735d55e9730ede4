import type { CreateGoods, CreateVoid } from '../../contract/goods.ts'
import type { KeyOf } from '../../contract/operation.ts'
import type { Register } from '../../contract/register.ts'
import { FiskalError, unprocessable } from '../../errors.ts'
import type {
  DocumentOf,
  OperationDocument,
  ReversibleDocument,
  ShownOf,
  SoldDocument,
} from '../../journal/documents/document.ts'
import { isReversible, isSold, newDocument, setBy } from '../../journal/documents/document.ts'
import type { MarkEvent, NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { refuseForeignCurrency } from '../../register/amounts.ts'
import { cashCents } from '../../register/payments.ts'
import { reversed } from '../../register/reversal.ts'
import { requireOpenSession } from '../../register/session.ts'
import { newestSession, refuseLater, refuseUnfiscalized, registerOf, requireMerchant } from '../guards.ts'
import { lawOf, lawOfRegister } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { DecideStep } from '../recording/mutations.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import { envelope } from './create-goods.ts'
import { refuseCaptured, refuseUsedAgain } from './deposits.ts'
import { foreignMoved } from './foreign-cash.ts'
import { reopenedBy } from './order-effects.ts'
import { operationNamed, refuseReturned, unrelated } from './related-operations.ts'
import { refuseSettled } from './settlements.ts'
import { refuseRedeemed } from './vouchers.ts'

/** Reverses a completed operation of the register as a whole, once, while its session is not closed. */
export function createVoid(parts: TillParts, mutation: Mutation, input: CreateVoid): Promise<Answer> {
  const decide: DecideStep = (view, seq) => {
    const merchant = requireMerchant(mutation.merchantId)
    const { shown: register } = registerOf(view, mutation, input.register_id)
    refuseForeignCurrency(input.currency)
    const waits = lawOfRegister(parts.laws, register)?.reversals?.waitsForDevice === true
    const originalId = originalIdOf(view, mutation, input)
    const original = originalOf(view, originalId, input.register_id, waits)
    refuseUnfiscalized(register)
    const session = requireOpenSession(newestSession(view, input.register_id), input.register_id)
    const { reversal } = original.own
    const refused = reversal.state === 'refused' ? view.operation(reversal.by) : undefined
    const madeCompleted = voidDocument(parts, merchant, register, original, { input, session, refused })
    const mustWait = waits && madeCompleted.law !== undefined
    const document = mustWait ? madeCompleted.with({ set: { status: 'open', completed_at: null } }) : madeCompleted
    const { id } = document
    const index = { kind: 'void' as const, merchant, register: input.register_id, session }
    const orders = reopenedBy(view, original)
    const body: MarkEvent['body'] = {
      index,
      ...(!mustWait && { status: 'completed' }),
      ...origin(mutation),
      ...(orders !== undefined && { orders }),
      ...setBy(document),
    }
    parts.recorder.running.admit(register.fiscal_device)
    const { training } = original.shown
    const payments = training === true ? [] : (document.shown.payments ?? [])
    const foreign = foreignMoved(view, document.shown, payments)
    const end = mustWait ? { set: { status: 'completed' }, stamp: ['completed_at', 'updated_at'] } : {}
    const plan = {
      goal: 'completed' as const,
      status: 201,
      cash: Number(cashCents(payments)),
      ...(foreign && { foreign }),
      receipt: document.law !== undefined,
      ...end,
    }
    const step = parts.workflow.begin(view, seq, { kind: 'operation.reversal_requested', op: id, body }, document, plan)
    const reversed = { own: { reversal: { state: 'reversed' as const, by: id } } }
    const mark: NewEvent = { kind: 'operation.reversed', op: original.id, body: reversed }
    return { ...step, events: [...step.events, mark] }
  }
  return parts.mutations.run(mutation, decide, { chained: parts.recorder.order.chainedRegister(input.register_id) })
}

/** Throws `unprocessable_entity` for two references, `related_operation_invalid`. */
function originalIdOf(view: View, mutation: Mutation, input: CreateVoid): string {
  const { related_operation_id: id, related_external_id: named } = input
  if (named === undefined) return id ?? ''
  if (id === undefined) return operationNamed(view, mutation, named, input.register_id)
  throw unprocessable(
    'A void needs exactly one of related_operation_id and related_external_id.',
    '/related_external_id',
  )
}

/** Throws `related_operation_invalid`, `void_after_closing`. */
function originalOf(view: View, id: string, register: string, waits: boolean): ReversibleDocument {
  const invalid = (why: string) => unrelated(id, why)
  const document = view.operation(id)
  if (document === undefined || document.shown.register_id === register) refuseLater(view, id)
  if (document?.shown.register_id !== register) throw invalid('does not belong to this register')
  if (!isReversible(document) || document.shown.status !== 'completed')
    throw invalid('is not a completed goods movement')
  const { own, shown } = document
  if (own.reversal.state === 'reversed') throw invalid(`is reversed by ${own.reversal.by} already`)
  if (isSold(document)) refuseUsed(view, document)
  if (!waits && view.session(shown.session_id ?? '')?.state === 'closed') {
    throw new FiskalError('void_after_closing', `The session of operation ${id} is closed: record a return.`, {
      related_operation_id: id,
    })
  }
  return document
}

/** Throws `related_operation_invalid` for an operation that another one uses or takes back. */
function refuseUsed(view: View, document: SoldDocument): void {
  refuseCaptured(view, document)
  refuseUsedAgain(view, document)
  refuseSettled(view, document)
  refuseRedeemed(view, document)
  refuseReturned(view, document)
}

/** Members of goods that a void does not repeat. */
type OfOriginal = 'allocation_group' | 'customer' | 'related_external_id' | 'external_related_operation'

function voidDocument(
  parts: TillParts,
  merchant: string,
  register: Register,
  original: ReversibleDocument,
  { input, session, refused }: { input: CreateVoid; session: string; refused: OperationDocument | undefined },
): DocumentOf<'void'> {
  const common = envelope(parts, merchant, register, input)
  // An unrecorded operation is reversed without the law.
  const isRecorded = original.shown.fiscal.state !== 'not_required'
  const law = isRecorded ? lawOf(parts.laws, original) : undefined
  const set = {
    ...common,
    type: 'void' as const,
    status: 'completed' as const,
    completed_at: common.created_at,
    session_id: session,
    ...reversed({ ...original.shown, payments: paymentsOf(original) }),
    related_operation_id: original.id,
    ...(original.shown.in_house !== undefined && { in_house: original.shown.in_house }),
    ...(input.reason !== undefined && { reason: input.reason }),
    ...(original.shown.training === true && { training: true as const }),
    fiscal: { state: law === undefined ? 'not_required' : 'pending' },
  } satisfies ShownOf['void']
  set satisfies { [Name in Exclude<KeyOf<CreateGoods>, keyof typeof set | OfOriginal>]: unknown }
  const own = isSold(original)
    ? { counted_statuses: original.own.counted_statuses }
    : { counted_statuses: [], reverses: original.kind }
  if (law === undefined) return newDocument('void', { set, own })
  const retriedState = refused && law.reversals?.retried?.(refused)
  const remembered = law.vat?.remembered(original.shown.line_items, {
    days: [],
    before: {},
    originalOf: () => original.parts.law,
  })
  return newDocument('void', { set, own, law: { name: law.facts.name, ...retriedState, ...remembered } })
}

function paymentsOf(original: ReversibleDocument) {
  return isSold(original) ? (original.shown.payments ?? []) : []
}
