import type { TseSignature } from '../../drivers/ports/tse.ts'
import type { Json } from '../canonical.ts'
import { rfc3339 } from '../clock.ts'
import { isRetiredTse } from '../devices/enrolment.ts'
import { journalledNumbers } from '../devices/journalled-numbers.ts'
import type { LostTransaction } from '../devices/lost-transactions.ts'
import { lostTransactions } from '../devices/lost-transactions.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import { FiskalError } from '../errors.ts'
import type { Members, NewEvent } from '../journal/events.ts'
import type { Journal } from '../journal/journal.ts'
import type { View } from '../journal/projections/view.ts'

/** Events of one commit. */
const PORTION = 100

/**
 * Goes on with a TSE that is ahead of the journal: what it signed and the journal lost is journalled number by number,
 * as the device tells it, and the device is used again. One that was set back behind the journal goes on above what the
 * journal has from it. Nothing is signed for it. Throws `unprocessable_entity` for what
 * is no TSE, not ahead, or not the enrolled one, DeviceError.
 */
export async function adoptTse(device: DeviceSupervisor, journal: Journal): Promise<Json> {
  const tse = device.device.unit.kind === 'tse' ? device.device.unit : undefined
  if (tse === undefined)
    throw new FiskalError('unprocessable_entity', `${device.id} is no TSE: it counts nothing that could be adopted.`)
  refuseOther(device, journal.view, device.identity?.serial)
  const known = journalledNumbers(journal.view, journal.headSeq, device.id).last
  // On record before the device goes on above them: behind a crash in between they are passed over again.
  const skipped = await tse.adopt?.(known, (counters) =>
    record(journal, [adopted(device.id, [], { signature_counters: { from: counters.from, to: counters.to } })]),
  )
  await tse.open()
  refuseOther(device, journal.view, (await tse.identity()).serial)
  const lost = await lostTransactions(journal.view, () => journal.headSeq, device.id, tse)
  if (lost.length === 0 && skipped === undefined)
    throw new FiskalError('unprocessable_entity', `${device.id} has nothing that the journal does not know.`)
  // The last of them and the record of it all at once: behind a crash in between nothing would be left to adopt.
  for (let from = 0; from < lost.length; from += PORTION) {
    const events = lost.slice(from, from + PORTION).map((transaction) => lostEvent(device.id, transaction))
    if (from + PORTION >= lost.length) events.push(adopted(device.id, lost))
    await record(journal, events)
  }
  await device.connect()
  return { device: device.id, state: device.state, lost_transactions: lost.map(toJson), ...(skipped && { skipped }) }
}

function adopted(device: string, lost: readonly LostTransaction[], more: Members = {}): NewEvent {
  const note: Members = { device, transactions: lost.map(({ number }) => number), ...more }
  return { kind: 'device.adopted', op: device, body: { note } }
}

async function record(journal: Journal, events: readonly NewEvent[]): Promise<void> {
  await journal.commit('outcome', () => ({ events, result: undefined }))
}

/** What another TSE signed is none of this journal's losses; a retired one has nothing that the journal does not know. */
function refuseOther({ id }: DeviceSupervisor, view: View, serial: string | undefined): void {
  if (serial === undefined) return
  const enrolled = view.enrolledSerial(id)
  const isRetired = isRetiredTse(view, serial)
  if (!isRetired && (enrolled === undefined || enrolled === serial)) return
  const why = isRetired ? 'was retired' : `is not the enrolled one (${enrolled})`
  throw new FiskalError('unprocessable_entity', `The TSE ${serial} ${why}: plug in the one that this shop uses.`, {
    device_id: id,
  })
}

function lostEvent(device: string, transaction: LostTransaction): NewEvent {
  const note = toJson(transaction)
  const closed = { device, number: transaction.number, state: 'closed' } as const
  return { kind: 'transaction.lost', op: '', body: { note, transaction: closed } }
}

function toJson({ number, register, recall }: LostTransaction) {
  const { clientId, start, finish } = recall
  return {
    ...{ transaction: number, register_id: register, client: clientId },
    started: signed(start),
    finished: signed(finish),
    process_type: finish?.processType ?? null,
    process_data: finish === undefined ? null : Buffer.from(finish.processData).toString('utf8'),
  }
}

function signed(log: TseSignature | undefined): { [member: string]: Json } | null {
  if (log === undefined) return null
  const signature = Buffer.from(log.signature).toString('base64')
  return { log_time: rfc3339(log.logTimeMs), signature_counter: log.signatureCounter, signature }
}
