import { inOrder } from '../../../base/canonical.ts'
import { localDate, PLAUSIBLE_MS, rfc3339 } from '../../../base/clock.ts'
import { toAtoms } from '../../../base/money.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import type { Register } from '../../contract/register.ts'
import { FiskalError } from '../../errors.ts'
import type { ShownOf, SoldDocument } from '../../journal/documents/document.ts'
import { newDocument } from '../../journal/documents/document.ts'
import type { OperationKind, SoldKind } from '../../journal/documents/kind.ts'
import { madeAs } from '../../journal/documents/kinds.ts'
import type { Members, NewEvent, Parts } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { givesDepositBack, takesOffDeposit } from '../../register/deposits.ts'
import { checkGoods } from '../../register/goods.ts'
import { goodsDocument } from '../../register/goods-document.ts'
import { refuseUnlessOpen } from '../../register/session.ts'
import { refuseUnfiscalized, registerOf, requireMerchant } from '../guards.ts'
import { lawOfCountry, lawOfRegister, lawWhere } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import { checkDeposit, depositMark, paidOutDeposit, refuseDepositAlone } from './deposits.ts'
import { refusePracticeVouchers } from './practice-vouchers.ts'
import { refuseUndone, returnMark, soldDocument } from './related-operations.ts'
import { newestSession } from './session-state.ts'

/** POST of a sale, return or exchange: checked, journalled, and begun on the device if the law requires it. */
export function createGoods(parts: TillParts, mutation: Mutation, input: CreateGoods): Promise<Answer> {
  return parts.mutations.run(mutation, (view, seq) => {
    const merchant = requireMerchant(mutation.merchantId)
    // A register key could neither read nor complete an operation without a register.
    if (input.source === 'ONLINE' && mutation.caller.kind === 'register' && typeof input.register_id !== 'string')
      throw new FiskalError('forbidden', 'An ONLINE operation needs a platform key.')
    const register =
      typeof input.register_id === 'string' ? registerOf(view, mutation, input.register_id).shown : undefined
    const law = lawFor(parts, view, merchant, register)
    checkRules(parts, view, merchant, law, input)
    if (register !== undefined) refuseUnfiscalized(register)
    const session = register && refuseUnlessOpen(newestSession(view, register.id), register.id)
    const isUnrecorded = refersToUnrecorded(view, input)
    const made = newOperation(parts, merchant, register, law, { session, input, isUnrecorded })
    const index = {
      kind: input.type,
      merchant,
      ...(register !== undefined && { register: register.id }),
      ...(session !== undefined && { session }),
    }
    const body = { index, ...origin(mutation), ...made }
    const event: NewEvent = { kind: 'operation.created', op: made.set.id, body }
    const document = madeAs(event, input.type)
    if (register !== undefined) parts.recorder.running.admit(register.fiscal_device)
    const begun = parts.workflow.begin(view, seq, event, document, { goal: 'open', status: 201 })
    const marks = [depositMark(view, document), returnMark(view, document)].filter((mark) => mark !== undefined)
    return { ...begun, events: [...begun.events, ...marks] }
  })
}

/** The law of a document: the register's; for ONLINE that of the merchant's country. */
function lawFor(parts: TillParts, view: View, merchant: string, register: Register | undefined): LawRules | undefined {
  if (register === undefined) return lawOfCountry(parts.laws, view.merchant(merchant)?.shown.country_code)
  return lawOfRegister(parts.laws, register) ?? lawWhere(parts.laws, view, register)
}

function checkRules(
  parts: TillParts,
  view: View,
  merchant: string,
  law: LawRules | undefined,
  input: CreateGoods,
): void {
  // With a clock that lost its time, selling continues at the rates of the earliest plausible date.
  const date = localDate(Math.max(parts.clock.now(), PLAUSIBLE_MS), law?.facts.timeZone ?? 'UTC')
  const original = input.related_operation_id === undefined ? undefined : soldDocument(view, input.related_operation_id)
  checkGoods(input, {
    knowsRate: (rate, code, comesBack) =>
      (law?.knowsRate(rate, code, date, comesBack) ?? true) || (comesBack && hasTax(original, rate, code)),
    zeroRateCodes: law?.zeroRateCodes ?? [],
    taxPrecision: parts.taxPrecision,
  })
  if (input.training !== true) refusePracticeVouchers(view, merchant, input)
  if (input.related_operation_id !== undefined) {
    const related = relatedOf(view, merchant, input, input.related_operation_id)
    refuseUndone(related, input)
    checkDeposit(view, related, input)
  }
  law?.checkGoods(input)
}

/** Goods sold with a code that the law no longer has can be returned. */
function hasTax(original: SoldDocument | undefined, rate: string, code: string | undefined): boolean {
  const taxes = original?.shown.line_items.flatMap((line) => line.taxes) ?? []
  return taxes.some((tax) => tax.code === code && toAtoms(tax.rate) === toAtoms(rate))
}

function relatedOf(view: View, merchant: string, input: CreateGoods, id: string): SoldDocument {
  const document = soldDocument(view, id)
  if (document?.shown.status === 'completed' && document.shown.merchant_id === merchant) {
    refuseDepositAlone(document, input)
    if (isReferable(document, input)) return document
  }
  const message = `${id} is not a completed ${originalFor(input)}.`
  throw new FiskalError('related_operation_invalid', message, { related_operation_id: id })
}

function isReferable({ kind }: SoldDocument, input: CreateGoods): boolean {
  if (givesDepositBack(input)) return kind === 'deposit_capture'
  return (kind === 'deposit') === takesOffDeposit(input)
}

/** The original that an operation needs, in words. */
function originalFor(input: CreateGoods): string {
  if (givesDepositBack(input)) return 'deposit_capture of this merchant'
  return takesOffDeposit(input)
    ? 'deposit of this merchant'
    : `operation of this merchant that goods of a ${input.type} come from`
}

/** The law recorded nothing of what comes back: then it may omit the return, too. */
function refersToUnrecorded(view: View, input: CreateGoods): boolean {
  const original = soldDocument(view, input.related_operation_id ?? '')
  return original !== undefined && [original, paidOutDeposit(view, original, input)].every(isUnrecorded)
}

function isUnrecorded(document: SoldDocument | undefined): boolean {
  return document === undefined || document.shown.fiscal.state === 'not_required'
}

function newOperation(
  parts: TillParts,
  merchant: string,
  register: Register | undefined,
  law: LawRules | undefined,
  more: { session: string | undefined; input: CreateGoods; isUnrecorded: boolean },
): Parts & { readonly set: Members & { readonly id: string } } {
  const { input, session, isUnrecorded } = more
  const set = inOrder({
    ...envelope(parts, merchant, register, input),
    session_id: session ?? null,
    note: input.note ?? null,
    ...goodsDocument(input, parts.newId),
    fiscal: { state: 'pending' },
  } satisfies Pick<ShownOf[SoldKind], keyof ShownOf[SoldKind]>)
  const own = isUnrecorded && { own: { originalUnrecorded: true } as const }
  const planned = newDocument(input.type, { set: set as ShownOf[SoldKind], ...own })
  if (law?.records(planned, 'completed') === true) return { set, ...own, law: { name: law.facts.name } }
  return { set: { ...set, fiscal: { state: 'not_required' } }, ...own }
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
  metadata?: Envelope['metadata'] | undefined
}

/** Those of a new one. */
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
  }
}
