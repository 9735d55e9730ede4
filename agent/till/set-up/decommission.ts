import { inventoryAfter } from '../../contract/inventory.ts'
import type { Reason } from '../../errors.ts'
import { FiskalError } from '../../errors.ts'
import type { RecordedDocument } from '../../journal/documents/document.ts'
import { isFiscalized } from '../../journal/documents/registers.ts'
import type { Plan } from '../../journal/events.ts'
import { refuseWhileDecommissioning, registerOf } from '../guards.ts'
import { lawOfRegister, lawWhere } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { DecideStep } from '../recording/mutations.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import { leftOverClosing } from '../selling/left-over.ts'
import { refuseLeavingOrders } from './left-orders.ts'
import { refuseWhileSettling } from './waiting-bons.ts'

/**
 * Deregisters this register's client; the device and its other registers are not affected. Open parts of an outage are
 * ended before: a TSE keeps a client with open transactions, and after the last Z their end gives no bon.
 */
export async function decommission(
  parts: TillParts,
  mutation: Mutation,
  id: string,
  reason: string | undefined,
): Promise<Answer> {
  const decide: DecideStep = (view, seq) => {
    const document = registerOf(view, mutation, id)
    const { shown: register } = document
    const conflict = (message: string, reason: Reason) =>
      new FiskalError('decommission_conflict', message, { register_id: id, reason })
    const status = register.fiscalization_status
    if (status === 'decommissioned') throw conflict(`Register ${id} has already been decommissioned.`, 'decommissioned')
    if (!isFiscalized(register)) throw conflict(`Register ${id} has not been fiscalized.`, 'not_fiscalized')
    refuseWhileDecommissioning(view, id, 'unknown')
    if (view.registersInSession().includes(id))
      throw conflict(`Register ${id} has a session that is not closed.`, 'session_open')
    if (view.openOperations(id).length > 0) throw conflict(`Register ${id} has open operations.`, 'open_operations')
    refuseLeavingOrders(view, register)
    refuseWhileSettling(view, id, mayFollow)
    parts.recorder.running.admit(register.fiscal_device)
    const named = reason !== undefined && {
      set: { inventory: inventoryAfter(register.inventory, { end_reason: reason }) },
    }
    const body = { ...origin(mutation), ...named }
    const event = { kind: 'register.decommission_requested' as const, op: id, body }
    const plan: Plan = { goal: 'decommissioned', status: 200, ...(state !== undefined && { law: state }) }
    const step = parts.workflow.begin(view, seq, event, named ? document.with(named) : document, plan)
    // No further session will contain the bons outside any session.
    const leftOver = leftOverClosing(parts, view, lawWhere(parts.laws, view, register), register)
    return { ...step, events: [...step.events, ...(leftOver === undefined ? [] : [leftOver])] }
  }
  const { view } = parts.journal
  const register = view.register(id)?.shown
  if (mutation.dryRun !== true && register !== undefined && isFiscalized(register))
    await parts.reconcileOpen(register.fiscal_device)
  const law = register && lawOfRegister(parts.laws, register)
  const state = mutation.dryRun === true ? undefined : await law?.register?.endState?.(id)
  // While the device is down, acts that may be done later do not keep the register.
  const mayFollow = (op: RecordedDocument): boolean =>
    parts.devices.get(register?.fiscal_device ?? '')?.usable !== true && law?.whenUnknown(op) === 'answer_and_act_later'
  return parts.mutations.run(mutation, decide, { chained: parts.recorder.order.chainedRegister(id) })
}
