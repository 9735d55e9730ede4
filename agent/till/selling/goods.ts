import { inOrder } from '../../../base/canonical.ts'
import { localDate, PLAUSIBLE_MS, rfc3339 } from '../../../base/clock.ts'
import { toAtoms } from '../../../base/money.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import { FiskalError } from '../../errors.ts'
import type { OperationDocument, RegisterDocument } from '../../journal/documents.ts'
import { merchantDocument, operationDocument } from '../../journal/documents.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Regime } from '../../laws/law.ts'
import { takesOffDeposit } from '../../register/deposits.ts'
import { checkGoods } from '../../register/goods.ts'
import { goodsDocument } from '../../register/goods-document.ts'
import { refuseUnlessOpen } from '../../register/session.ts'
import { refuseUnfiscalized, registerOf, requireMerchant } from '../guards.ts'
import { lawOf, lawOfCountry, lawWhere } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import { captureMark, checkCapture } from './deposits.ts'
import { refuseUndone, returnMark } from './related-operations.ts'
import { newestSession } from './session-state.ts'

/** What sold the goods that come back. */
const SELLING: readonly string[] = ['sale', 'return', 'exchange', 'deposit_capture']

/** POST of a sale, return or exchange: checked, journalled, and where the law says so begun on the device. */
export function createGoods(parts: TillParts, mutation: Mutation, input: CreateGoods): Promise<Answer> {
  return parts.mutations.run(mutation, (view, seq) => {
    const merchant = requireMerchant(mutation.merchantId)
    // A key of a register could neither read nor complete what no register sold.
    if (input.source === 'ONLINE' && mutation.caller.kind === 'register' && typeof input.register_id !== 'string')
      throw new FiskalError('forbidden', 'An ONLINE operation needs a platform key.')
    const register = typeof input.register_id === 'string' ? registerOf(view, mutation, input.register_id) : undefined
    const regime = lawFor(parts, view, merchant, register)
    checkRules(parts, view, merchant, regime, input)
    if (register !== undefined) refuseUnfiscalized(register)
    const session = register && refuseUnlessOpen(newestSession(view, register.id), register.id)
    const isUnrecorded = refersToUnrecorded(view, input.related_operation_id)
    const document = newOperation(parts, merchant, register, regime, { session, input, isUnrecorded })
    const index = {
      type: 'operation' as const,
      operation: input.type,
      merchant,
      ...(register !== undefined && { register: register.id }),
      ...(session !== undefined && { session }),
    }
    const body = { index, ...origin(mutation), set: document }
    const event: NewEvent = { kind: 'operation.created', op: document.id, body }
    if (register !== undefined) parts.recorder.admit(register.fiscal_device)
    const begun = parts.courses.begin(view, seq, event, document, { goal: 'open', status: 201 })
    const mark = captureMark(view, document) ?? returnMark(view, document)
    return mark === undefined ? begun : { ...begun, events: [...begun.events, mark] }
  })
}

/** The law a document stands under: the register's, or for ONLINE that of the merchant's country. */
function lawFor(
  parts: TillParts,
  view: View,
  merchant: string,
  register: RegisterDocument | undefined,
): Regime | undefined {
  if (register === undefined) return lawOfCountry(parts.regimes, merchantDocument(view, merchant)?.country_code)
  return lawOf(parts.regimes, register) ?? lawWhere(parts.regimes, view, register)
}

function checkRules(
  parts: TillParts,
  view: View,
  merchant: string,
  regime: Regime | undefined,
  input: CreateGoods,
): void {
  // With a clock that has lost its time selling goes on at the rates of the day this program knows at least.
  const date = localDate(Math.max(parts.clock.now(), PLAUSIBLE_MS), regime?.law.timeZone ?? 'UTC')
  const original = input.related_operation_id && operationDocument(view, input.related_operation_id)
  checkGoods(input, {
    knowsRate: (rate, code, comesBack) =>
      (regime?.knowsRate(rate, code, date, comesBack) ?? true) || (comesBack && hasTax(original, rate, code)),
    zeroRateCodes: regime?.zeroRateCodes ?? [],
    taxPrecision: parts.taxPrecision,
    lawRules: (request) => regime?.checkGoods(request),
  })
  if (input.related_operation_id === undefined) return
  const related = relatedOf(view, merchant, input, input.related_operation_id)
  refuseUndone(related, input)
  if (takesOffDeposit(input)) checkCapture(view, related, input)
}

/** What was sold with a code that the law does not know any more can be given back. */
function hasTax(original: OperationDocument | '' | undefined, rate: string, code: string | undefined): boolean {
  const taxes = (original || undefined)?.line_items?.flatMap((line) => line.taxes) ?? []
  return taxes.some((tax) => tax.code === code && toAtoms(tax.rate) === toAtoms(rate))
}

function relatedOf(view: View, merchant: string, input: CreateGoods, id: string): OperationDocument {
  const row = view.operationRow(id)
  const document = row && operationDocument(view, id)
  const isOfDeposit = takesOffDeposit(input)
  const referable = isOfDeposit ? ['deposit'] : SELLING
  const fits =
    row !== undefined &&
    referable.includes(row.type) &&
    row.status === 'completed' &&
    document?.merchant_id === merchant
  if (fits) return document
  const what = isOfDeposit
    ? 'deposit of this merchant'
    : `operation of this merchant that goods of a ${input.type} come from`
  throw new FiskalError('related_operation_invalid', `${id} is no completed ${what}.`, { related_operation_id: id })
}

/** What is taken back was itself not recorded by the law: a law may want its return left out as well. */
function refersToUnrecorded(view: View, id: string | undefined): boolean {
  return id !== undefined && operationDocument(view, id)?.fiscal?.state === 'not_required'
}

function newOperation(
  parts: TillParts,
  merchant: string,
  register: RegisterDocument | undefined,
  regime: Regime | undefined,
  more: { session: string | undefined; input: CreateGoods; isUnrecorded: boolean },
): OperationDocument {
  const { input, session, isUnrecorded } = more
  const document = {
    ...envelope(parts, merchant, register, input),
    session_id: session ?? null,
    note: input.note ?? null,
    ...goodsDocument(input, parts.newId),
    ...(isUnrecorded && { $original_unrecorded: true }),
  }
  const recorded = regime?.records(document, 'completed') === true
  return inOrder({
    ...document,
    fiscal: { state: recorded ? 'pending' : 'not_required' },
    ...(recorded && { $law: regime.law.name }),
  } satisfies OperationDocument)
}

type Common = {
  type: OperationDocument['type']
  source?: 'POS' | 'ONLINE' | undefined
  currency: string
  external_id?: string | undefined
  operator_id?: string | undefined
  operator_name?: string | undefined
  metadata?: OperationDocument['metadata'] | undefined
}

/** The members that every operation has. */
export function envelope(
  parts: TillParts,
  merchant: string,
  register: RegisterDocument | undefined,
  input: Common,
): Omit<OperationDocument, 'fiscal'> {
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
