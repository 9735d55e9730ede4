import type { Json } from '../../../base/canonical.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { FiskalError } from '../../errors.ts'
import type { Act } from '../../journal/events.ts'
import type { Journal } from '../../journal/journal.ts'
import type { IntentRow, View } from '../../journal/projections/view.ts'
import type { AskedEmergency, Emergencies } from '../../laws/emergencies.ts'
import type { Recorder } from '../recording/recorder.ts'

type Parts = { journal: Journal; recorder: Recorder; emergencies: Emergencies | undefined }
type Waiting = { row: IntentRow; act: Act }

/** A slip may be planned for a device that is down while the acts before it are cancelled. */
const ROUNDS = 5
const GIVEN_UP = { kind: 'failed', code: 'unavailable', message: 'Cancelled: the emergency register is open.' } as const

/**
 * Opens the emergency register of a printer. From then on no act waits for it: each one is cancelled before. A person
 * decides first about a fiscal document that may be on paper. Throws FiskalError.
 */
export async function openEmergency(device: DeviceSupervisor, asked: AskedEmergency, parts: Parts): Promise<Json> {
  const { journal, recorder } = parts
  const emergencies = demand(parts, device)
  // The last look may be half a minute old.
  await device.connect()
  const givenUp: Json[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const { waiting, shown } = await journal.commit('outcome', (view) => {
      const { events, shown } = emergencies.opened(view, device, asked)
      const waiting = waitingOn(view, device.id)
      return { events: waiting.length === 0 ? events : [], result: { waiting, shown } }
    })
    if (waiting.length === 0) return { ...shown, given_up: givenUp }
    for (const { row, act } of waiting) {
      // A driver may still be at it.
      await recorder.running.awaitQuery(row)
      if (emergencies.isUndecided(act)) continue
      await recorder.concludeAs(row, GIVEN_UP)
      givenUp.push({ id: row.op, act: act.name })
    }
    refuseUndecided(journal.view, device.id, emergencies)
  }
  throw new FiskalError('fiscal_device_busy', `Device ${device.id} still has acts: try again.`, {
    device_id: device.id,
  })
}

/** `forGood`: the printer never returns. Throws FiskalError. */
export async function closeEmergency(device: DeviceSupervisor, forGood: boolean, parts: Parts): Promise<Json> {
  const { journal, recorder } = parts
  const emergencies = demand(parts, device)
  if (forGood) return journal.commit('outcome', (view) => toResult(emergencies.closed(view, device.id)))
  await device.connect()
  return recorder.order.exclusively(device.id, async () => {
    // Before the printer is asked: of none that is open nothing is read.
    emergencies.closed(journal.view, device.id)
    const printed = await emergencies.printedMeanwhile(device)
    return journal.commit('outcome', (view) => toResult(emergencies.closed(view, device.id, printed)))
  })
}

function toResult({ events, shown }: ReturnType<Emergencies['closed']>) {
  return { events: [...events], result: shown }
}

function demand({ emergencies }: Parts, { id, asPrinter }: DeviceSupervisor): Emergencies {
  if (emergencies !== undefined && asPrinter !== undefined) return emergencies
  throw new FiskalError('unprocessable_entity', `${id} is not a printer: it has no emergency register.`, {
    device_id: id,
  })
}

function waitingOn(view: View, device: string): Waiting[] {
  return view.openIntents().flatMap((row) => {
    const { act } = view.bodyAt(row.seq)
    return row.device === device && act !== undefined ? [{ row, act }] : []
  })
}

function refuseUndecided(view: View, device: string, emergencies: Emergencies): void {
  const undecided = waitingOn(view, device).filter(({ act }) => emergencies.isUndecided(act))
  if (undecided.length === 0) return
  const operations = undecided.map(({ row }) => row.op)
  const words = `Look at the paper of ${device} first: ${operations.join(', ')} may be printed. fiskal-edge device resolve ${device} --printed NUMBER, or --not-printed.`
  throw new FiskalError('unprocessable_entity', words, { device_id: device, operation_ids: operations })
}
