import { rfc3339 } from '../clock.ts'
import type { CreateClosing } from '../contract/closing.ts'
import { FiskalError } from '../errors.ts'
import type { Members, NewEvent, Plan } from '../journal/events.ts'
import { refuseOpenOperations } from '../register/session.ts'
import { refuseUnfiscalized, refuseWhileRetiring, registerOf } from './guards.ts'
import { claimFor } from './ledger.ts'
import { origin } from './merchants.ts'
import type { DecideStep } from './mutations.ts'
import type { TillParts } from './parts.ts'
import type { Answer, Mutation } from './requests.ts'

/** A closing is final with its receipt, and takes a receipt number. */
export const CLOSING_PLAN: Plan = { goal: 'completed', status: 201, receipt: true }

/** A closing that is asked for, where the law's closings are receipts. */
export function createClosing(
  parts: TillParts,
  mutation: Mutation,
  registerId: string,
  input: CreateClosing,
): Promise<Answer> {
  const decide: DecideStep = (view, seq) => {
    const register = registerOf(view, mutation.caller, mutation.merchantId, registerId)
    refuseUnfiscalized(register)
    refuseWhileRetiring(view, registerId, 'none')
    const law = (register['fiscalization'] as Members)['regime']
    const regime = parts.regimes.find((candidate) => candidate.law === law)
    if (regime?.closing === undefined)
      throw new FiskalError('unprocessable_entity', `${law} has no closing of its own.`, { type: input.type })
    // The inspector's receipt disturbs no sale.
    if (input.type !== 'zero') refuseOpenOperations(view.openOperations(registerId).map((operation) => operation.id))
    const members = regime.closing(input.type, view.chainState(registerId))
    const { event, document } = closingRequest(parts, register, { $law: regime.law, ...members })
    parts.recorder.admit(String(register['fiscal_device']))
    const body = { ...event.body, ...claimFor(view, mutation.idempotency), ...origin(mutation) }
    return parts.recorder.begin(view, seq, { ...event, body }, document, CLOSING_PLAN)
  }
  return parts.mutations.run(mutation, decide, parts.recorder.laneOf(registerId))
}

/** The document of a closing before its receipt is made, and the event that begins it. */
export function closingRequest(
  { newId, clock }: Pick<TillParts, 'newId' | 'clock'>,
  register: Members,
  members: Members,
): { event: NewEvent; document: Members } {
  const id = newId('cls')
  const [merchant, registerId] = [String(register['merchant_id']), String(register['id'])]
  const document: Members = {
    id,
    merchant_id: merchant,
    register_id: registerId,
    business_date: null,
    document_number: null,
    z_numbers: [],
    totals: null,
    fiscal: { state: 'pending' },
    fiscal_information: null,
    created_at: rfc3339(clock.now()),
    ...members,
  }
  const index = { type: 'closing' as const, merchant, register: registerId }
  return { event: { kind: 'closing.requested', op: id, body: { index, set: document } }, document }
}
