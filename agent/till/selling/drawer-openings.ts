import { parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import type { CreateDrawerOpening } from '../../contract/drawer-opening.ts'
import type { Register } from '../../contract/register.ts'
import { FiskalError } from '../../errors.ts'
import type { ShownOf } from '../../journal/documents/document.ts'
import { isMovement, madeAs } from '../../journal/documents/document.ts'
import { isFiscalized } from '../../journal/documents/registers.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { refuseWhileDecommissioning, registerOf, requireMerchant } from '../guards.ts'
import { lawOfRegister } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import { singleStep } from '../recording/mutations.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'

/** If the till's clock differs from the agent's by more than this, it is recorded, never refused. */
const DEVIATION_MS = 5 * 60_000

/**
 * Journalled before the answer. Not signed in DE, AT and IT, unless a German shop wants unattended ones in its books.
 */
export function createDrawerOpening(
  { mutations, recorder, clock, newId, laws, workflow }: TillParts,
  mutation: Mutation,
  input: CreateDrawerOpening,
): Promise<Answer> {
  return mutations.run(mutation, (view, seq) => {
    const merchant = requireMerchant(mutation.merchantId)
    const registerId = registerIdOf(mutation, input)
    const { shown: register } = registerOf(view, mutation, registerId)
    const operation = input.operation_id
    if (operation !== undefined && !isOperationOf(view, registerId, operation)) {
      throw new FiskalError('related_operation_invalid', `${operation} is not an operation of this register.`, {
        operation_id: operation,
      })
    }
    const now = clock.now()
    const id = newId('cdo')
    const law = recordingLaw(laws, register)
    const set: ShownOf['drawer_opening'] = {
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
    // Training is not in the books: it does not explain an opening.
    const isUnattended = operation === undefined || isTraining(view, operation)
    const isRecorded = isUnattended && law !== undefined
    const index = { kind: 'drawer_opening' as const, merchant, register: registerId }
    const body = { index, ...origin(mutation), set, ...(isRecorded && { law: { name: law } }) }
    const event: NewEvent = { kind: 'drawer.opened', op: id, body }
    if (!isRecorded) return singleStep(event, 201)
    refuseWhileDecommissioning(view, registerId, 'none')
    recorder.running.admit(register.fiscal_device)
    return workflow.begin(view, seq, event, madeAs(event, 'drawer_opening'), {
      goal: 'completed',
      status: 201,
      receipt: true,
    })
  })
}

/** An event of its drawer, or a closing, belongs to the register, too: an opening linked to one is unattended. */
function isOperationOf(view: View, registerId: string, id: string): boolean {
  return view.operation(id)?.shown.register_id === registerId
}

function isTraining(view: View, id: string): boolean {
  const operation = view.operation(id)
  return operation !== undefined && isMovement(operation) && operation.shown.training === true
}

function registerIdOf({ caller }: Mutation, { register_id: named }: CreateDrawerOpening): string {
  const id = named ?? (caller.kind === 'register' ? caller.registerId : undefined)
  if (id !== undefined) return id
  throw new FiskalError('invalid_request', 'register_id is needed with a platform key.', {
    reason: 'schema',
    errors: [{ pointer: '/register_id', message: 'is missing' }],
  })
}

/** The register's law, if it records such openings. */
function recordingLaw(laws: readonly LawRules[], register: Register): string | undefined {
  if (!isFiscalized(register)) return undefined
  const law = lawOfRegister(laws, register)
  return law?.closingBooks?.recordsDrawerOpenings === true ? law.facts.name : undefined
}
