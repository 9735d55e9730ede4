import { rfc3339 } from '../../../base/clock.ts'
import type { Register } from '../../contract/register.ts'
import { isRetiredTse } from '../../devices/enrolment.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { isUncertifiedUnit, refusalOfNumber } from '../../devices/uncertified.ts'
import { isFiscalized } from '../../journal/documents/registers.ts'
import type { View } from '../../journal/projections/view.ts'
import type { TillParts } from '../parts.ts'
import { clientsOf } from './device-clients.ts'
import { Mutexes } from './mutexes.ts'

export type TakeOverOptions = Pick<TillParts, 'journal' | 'laws' | 'clock'>

/** A TSE takes over the registers of the retired one that it replaces. */
export class TakeOver {
  readonly #options: TakeOverOptions
  /** By device: a start, a return and a retirement may look for registers to take over at the same time. */
  readonly #running = new Mutexes()

  constructor(options: TakeOverOptions) {
    this.#options = options
  }

  /**
   * Registers the clients of its device id at a TSE that replaces a retired one, each once. Registering a client twice
   * does no harm, so no intent is needed: what a crash leaves out is done at the next connection.
   */
  run(device: DeviceSupervisor): Promise<void> {
    return this.#running.run(device.id, () => this.#takeOverNow(device))
  }

  async #takeOverNow(device: DeviceSupervisor): Promise<void> {
    const { unit, identity } = device.asTse ?? {}
    const { journal, laws, clock } = this.#options
    if (unit === undefined || identity === undefined || !device.usable) return
    const { serial } = identity
    const isUncertified = isUncertifiedUnit(unit, identity)
    for (const [client, { law, register }] of clientsOf(laws, journal.view, device.id)) {
      if (boundToAnother(journal.view, register, serial) === undefined) continue
      if (refusalOfNumber(client, isUncertified) !== undefined) continue
      const outcome = await law.perform({ device: device.id, name: 'register_client', client })
      if (outcome.kind !== 'done') throw new Error(`client ${client} is not known to ${device.id}: ${outcome.kind}`)
      await journal.record((view) => {
        const bound = boundToAnother(view, register, serial)
        if (bound === undefined || isRetiredTse(view, serial)) return []
        const set = { fiscalization: { ...bound, tse_serial: serial }, updated_at: rfc3339(clock.now()) }
        const body = { set, enrolled: { device: device.id, serial } }
        return [{ kind: 'register.tse_replaced', op: register, body }]
      })
    }
  }
}

/** The fiscalization of a register that another TSE signs for. */
function boundToAnother(
  view: View,
  register: string,
  serial: string,
): NonNullable<Register['fiscalization']> | undefined {
  const document = view.register(register)?.shown
  if (document === undefined || !isFiscalized(document)) return undefined
  return document.fiscalization.tse_serial === serial ? undefined : document.fiscalization
}
