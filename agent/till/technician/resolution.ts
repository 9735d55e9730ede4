import type { Json } from '../../../base/canonical.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { FiskalError } from '../../errors.ts'
import type { Outcome } from '../../laws/law.ts'
import { lawOf } from '../laws.ts'
import type { TillParts } from '../parts.ts'

type Parts = Pick<TillParts, 'journal' | 'recorder' | 'laws'>

/**
 * Concludes an act that a device cannot report any longer, by what a person read on the paper: `none`, or the number.
 * Throws `unprocessable_entity` if the device reports it, `reconciling` while it is being asked.
 */
export async function resolveAct(
  device: DeviceSupervisor,
  seen: string,
  { journal, recorder, laws }: Parts,
): Promise<Json> {
  for (const row of journal.view.openIntents()) {
    const { act } = journal.view.bodyAt(row.seq)
    if (row.device !== device.id || act === undefined) continue
    const document = journal.view.document(row.op)
    const law = document && lawOf(laws, document)
    const outcome = law?.resolve?.(act, seen, journal.view.event(row.seq)?.at ?? '')
    if (outcome === undefined) continue
    // A driver may still be at it: it is asked after that.
    await recorder.running.awaitQuery(row)
    refuseReportable(device.id, await law?.askOutcome(act), law?.lastingTroubles)
    // The agent also asks every second: wait for that query.
    await recorder.running.awaitQuery(row)
    if (!journal.view.openIntentsOf(row.op).some(({ seq }) => seq === row.seq))
      throw refusal(device.id, 'The device reports it')
    await recorder.concludeAs(row, outcome)
    await device.connect()
    return { operation: row.op, seen }
  }
  throw new FiskalError('unprocessable_entity', `Nothing is in doubt on ${device.id}.`, { device_id: device.id })
}

function refuseReportable(id: string, outcome: Outcome | undefined, lasting?: ReadonlySet<string>): void {
  if (outcome?.kind === 'unknown' && (outcome.code === 'print_unresolved' || lasting?.has(outcome.code) === true))
    return
  throw refusal(id, outcome?.kind === 'unknown' ? 'The device must answer first' : 'The device reports it')
}

function refusal(id: string, why: string): FiskalError {
  return new FiskalError('unprocessable_entity', `${why}: only acts that ${id} cannot report are resolved by hand.`, {
    device_id: id,
  })
}
