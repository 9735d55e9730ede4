import type { Json } from '../../../base/canonical.ts'
import type { ForeignTransaction } from '../../devices/device.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { FiskalError } from '../../errors.ts'
import type { Journal } from '../../journal/journal.ts'
import type { LawRules } from '../../laws/law.ts'
import { lawOfKind } from '../laws.ts'

/**
 * Aborts the transactions that other tills left open on a device, each with an event before and after it: only by a
 * technician's command, since another system may still be selling. Throws `unprocessable_entity` if no open transaction
 * is known.
 */
export async function abortForeignTransactions(
  device: DeviceSupervisor,
  { journal, laws }: { journal: Journal; laws: readonly LawRules[] },
): Promise<Json> {
  const law = lawOfKind(laws, device.device.unit.kind)
  const { foreignTransactions } = device
  if (law?.orphans === undefined || foreignTransactions.length === 0)
    throw new FiskalError('unprocessable_entity', `Nothing of another till is known to be open on ${device.id}.`)
  const remaining: ForeignTransaction[] = []
  for (const transaction of foreignTransactions) {
    const { number, client } = transaction
    const act = law.orphans.abort(device.id, client, number)
    const facts = { device: device.id, transaction: number, client }
    await journal.record(() => [{ kind: 'transaction.foreign_abort_intended', op: device.id, body: { facts } }])
    const { kind, ...outcome } = await law.perform(act)
    if (kind !== 'done') remaining.push(transaction)
    const ending = { ...facts, ended: kind === 'done', ...('code' in outcome && { code: outcome.code }) }
    await journal.record(() => [{ kind: 'transaction.foreign_aborted', op: device.id, body: { facts: ending } }])
  }
  device.foreignTransactions = remaining
  return {
    device: device.id,
    ended: foreignTransactions.length - remaining.length,
    left: remaining.map(({ number }) => number),
  }
}
