import { parseRfc3339, rfc3339 } from '../clock.ts'
import type { CreateDrawerOpening } from '../contract/drawer-opening.ts'
import { FiskalError } from '../errors.ts'
import { registerOf, requireMerchant } from './guards.ts'
import { origin } from './merchants.ts'
import { singleStep } from './mutations.ts'
import type { TillParts } from './parts.ts'
import type { Answer, Mutation } from './requests.ts'

/** The till's clock and ours differ by more than this: noted, never refused. */
const DEVIATION_MS = 5 * 60_000

/** Journalled before the answer; nothing is signed for it in DE, AT and IT. */
export function createDrawerOpening(
  { mutations, clock, newId }: TillParts,
  mutation: Mutation,
  input: CreateDrawerOpening,
): Promise<Answer> {
  return mutations.run(mutation, (view) => {
    const merchant = requireMerchant(mutation.merchantId)
    const registerId =
      input.register_id ?? (mutation.caller.kind === 'register' ? mutation.caller.registerId : undefined)
    if (registerId === undefined) {
      throw new FiskalError('invalid_request', 'register_id is needed with a platform key.', {
        reason: 'schema',
        errors: [{ pointer: '/register_id', message: 'is missing' }],
      })
    }
    registerOf(view, mutation.caller, merchant, registerId)
    const operation = input.operation_id
    if (operation !== undefined && view.document(operation)?.['register_id'] !== registerId) {
      throw new FiskalError('related_operation_invalid', `${operation} is no operation of this register.`, {
        operation_id: operation,
      })
    }
    const now = clock.now()
    const id = newId('cdo')
    const set = {
      id,
      object: 'cash_drawer_opening',
      type: 'cash_drawer_opening',
      merchant_id: merchant,
      register_id: registerId,
      occurred_at: input.occurred_at,
      received_at: rfc3339(now),
      created_at: rfc3339(now),
      operation_id: operation ?? null,
      reason: input.reason ?? null,
      note: input.note ?? null,
      ...(input.cashier !== undefined && { cashier: input.cashier }),
      occurred_at_deviates: Math.abs((parseRfc3339(input.occurred_at) ?? now) - now) > DEVIATION_MS,
      fiscal: null,
      metadata: input.metadata ?? null,
    }
    const index = { type: 'drawer_opening' as const, merchant, register: registerId }
    const body = { index, ...origin(mutation), set }
    return singleStep({ kind: 'drawer.opened', op: id, body }, set, 201)
  })
}
