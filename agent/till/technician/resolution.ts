import type { Json } from '../../../base/canonical.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { FiskalError } from '../../errors.ts'
import type { Journal } from '../../journal/journal.ts'
import type { LawRules, Outcome } from '../../laws/law.ts'
import { lawOf } from '../laws.ts'
import type { Recorder } from '../recording/recorder.ts'

type Parts = { journal: Journal; recorder: Recorder; laws: readonly LawRules[] }

/**
 * Concludes the act that a device cannot tell any more by what a person saw: `none`, or the number on the paper. Throws
 * `unprocessable_entity` where the device tells by itself, `reconciling` while it is being asked.
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
    await refuseWhatTells(device.id, await law?.settle(act))
    // It is asked of its own accord too, each second: nobody would be heard in between.
    await recorder.awaitQuestion(row)
    if (!journal.view.openIntentsOf(row.op).some(({ seq }) => seq === row.seq))
      throw tells(device.id, 'It tells by itself')
    await recorder.concludeAs(row, outcome)
    await device.connect()
    return { operation: row.op, seen }
  }
  throw new FiskalError('unprocessable_entity', `Nothing is in doubt on ${device.id}.`, { device_id: device.id })
}

async function refuseWhatTells(id: string, told: Outcome | undefined): Promise<void> {
  if (told?.kind === 'unknown' && told.code === 'print_unresolved') return
  throw tells(id, told?.kind === 'unknown' ? 'It must answer first' : 'It tells by itself')
}

function tells(id: string, why: string): FiskalError {
  return new FiskalError('unprocessable_entity', `${why}: only what ${id} cannot tell is settled by hand.`, {
    device_id: id,
  })
}
