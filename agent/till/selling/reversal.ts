import type { CreateVoid } from '../../contract/goods.ts'
import { FiskalError } from '../../errors.ts'
import type { OperationDocument, RegisterDocument } from '../../journal/documents.ts'
import { operationDocument } from '../../journal/documents.ts'
import type { MarkEvent, NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { refuseForeignCurrency } from '../../register/amounts.ts'
import { cashCents } from '../../register/payments.ts'
import { reversed } from '../../register/reversal.ts'
import { refuseUnlessOpen } from '../../register/session.ts'
import { refuseUnfiscalized, registerOf, requireMerchant } from '../guards.ts'
import { lawOf } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { DecideStep } from '../recording/mutations.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import { refuseCaptured } from './deposits.ts'
import { envelope } from './goods.ts'
import { refuseReturned, unrelated } from './related-operations.ts'
import { newestSession } from './session-state.ts'

/** Reverses a completed operation of the register as a whole, once, while its session is not closed. */
export function createVoid(parts: TillParts, mutation: Mutation, input: CreateVoid): Promise<Answer> {
  const decide: DecideStep = (view, seq) => {
    const merchant = requireMerchant(mutation.merchantId)
    const register = registerOf(view, mutation, input.register_id)
    refuseForeignCurrency(input.currency)
    const isPrinted = lawOf(parts.regimes, register)?.fiscalMemory !== undefined
    const original = originalOf(view, input, isPrinted)
    refuseUnfiscalized(register)
    const session = refuseUnlessOpen(newestSession(view, input.register_id), input.register_id)
    const refused = operationDocument(view, original.$reversal_refused ?? '')
    const born = voidDocument(parts, merchant, register, original, { input, session, refused })
    // Where the device is the fiscal memory it is completed when it is printed, and no earlier.
    const mustWait = isPrinted && born.$law !== undefined
    const document = mustWait ? { ...born, status: 'open' as const, completed_at: null } : born
    const { id } = document
    const index = { type: 'operation' as const, operation: 'void', merchant, register: input.register_id, session }
    const body: MarkEvent['body'] = {
      index,
      ...(!mustWait && { status: 'completed' }),
      ...origin(mutation),
      set: document,
    }
    parts.recorder.admit(register.fiscal_device)
    const cash = original.training === true ? 0 : Number(cashCents(document.payments))
    const end = mustWait ? { set: { status: 'completed' }, stamp: ['completed_at', 'updated_at'] } : {}
    const plan = { goal: 'completed' as const, status: 201, cash, receipt: document.$law !== undefined, ...end }
    const begun = parts.courses.begin(view, seq, { kind: 'operation.reversing', op: id, body }, document, plan)
    const reversed = { set: { $reversed_by: id } }
    const mark: NewEvent = { kind: 'operation.reversed', op: input.related_operation_id, body: reversed }
    return { ...begun, events: [...begun.events, mark] }
  }
  return parts.mutations.run(mutation, decide, parts.recorder.laneOf(input.register_id))
}

/** A goods movement that was paid. */
type Goods = 'line_items' | 'payments' | 'pretax_amount' | 'tax_amount' | 'tip_amount' | 'total_amount'
type Completed = OperationDocument & { [Member in Goods]: NonNullable<OperationDocument[Member]> }

function isCompleted(document: OperationDocument): document is Completed {
  return document.line_items !== undefined && document.payments !== undefined
}

/** Throws `related_operation_invalid`, `void_after_closing`. */
function originalOf(view: View, input: CreateVoid, isPrinted: boolean): Completed {
  const id = input.related_operation_id
  const invalid = (why: string) => unrelated(id, why)
  const row = view.operationRow(id)
  const original = row && operationDocument(view, id)
  if (row === undefined || original?.register_id !== input.register_id) throw invalid('is none of this register')
  if (!isCompleted(original) || row.type === 'void' || row.status !== 'completed')
    throw invalid('is no completed goods movement')
  if ((original.$reversed_by ?? null) !== null) throw invalid(`is reversed by ${original.$reversed_by} already`)
  refuseCaptured(view, original)
  refuseReturned(view, original)
  // A device that is the fiscal memory counts by its own closings, and its law knows them.
  if (!isPrinted && view.session(String(original.session_id))?.state === 'closed') {
    throw new FiskalError('void_after_closing', `The session of operation ${id} is closed: record a return.`, {
      related_operation_id: id,
    })
  }
  return original
}

function voidDocument(
  parts: TillParts,
  merchant: string,
  register: RegisterDocument,
  original: Completed,
  { input, session, refused }: { input: CreateVoid; session: string; refused: OperationDocument | undefined },
): Completed {
  const common = envelope(parts, merchant, register, input)
  // What the law did not record is taken back without it.
  const isRecorded = original.fiscal?.state !== 'not_required'
  const regime = isRecorded ? lawOf(parts.regimes, original) : undefined
  return {
    ...common,
    status: 'completed',
    completed_at: common.created_at,
    session_id: session,
    ...reversed(original),
    related_operation_id: input.related_operation_id,
    ...(input.reason !== undefined && { reason: input.reason }),
    ...(original.training === true && { training: true }),
    $signed_statuses: original.$signed_statuses,
    fiscal: { state: regime === undefined ? 'not_required' : 'pending' },
    ...(regime !== undefined && { $law: regime.law.name }),
    ...(refused !== undefined && regime?.fiscalMemory?.retried(refused)),
  }
}
