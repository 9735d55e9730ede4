import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import type { DocumentOf } from '../../journal/documents/document.ts'
import type { LeftUnit } from '../../journal/documents/own.ts'
import { registerIdOf, registerIds } from '../../journal/documents/registers.ts'
import type { Journal } from '../../journal/journal.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { lawOfRegister } from '../laws.ts'
import { Mutexes } from './mutexes.ts'

export type DeparturesOptions = { journal: Journal; laws: readonly LawRules[] }

/** Codes of a unit that has no such client: nothing is left to do. */
const GONE = new Set(['client_unknown'])

/** Deregisters registers at the units that they have left. */
export class Departures {
  readonly #options: DeparturesOptions
  readonly #running = new Mutexes()

  constructor(options: DeparturesOptions) {
    this.#options = options
  }

  /**
   * Deregisters the clients that have left this unit, once nothing of theirs is open there. Deregistering one twice does
   * no harm, so no intent is needed: what a crash or an outage leaves out is done at the next connection.
   */
  run(device: DeviceSupervisor): Promise<void> {
    return this.#running.run(device.id, () => this.#runNow(device))
  }

  async #runNow(device: DeviceSupervisor): Promise<void> {
    const { journal, laws } = this.#options
    const serial = device.asTse?.identity?.serial
    if (serial === undefined) return
    for (const register of leftAt(journal.view, device.id)) {
      const client = register.shown.fiscalization?.client_id
      const law = lawOfRegister(laws, register.shown)
      // Another unit may have the device id by now.
      const isThere = register.own.left.some((unit) => unit.device === device.id && unit.serial === serial)
      if (isThere && law !== undefined && client != null) {
        if (!device.usable || hasOpen(journal.view, device.id, register.id)) continue
        const outcome = await law.perform({ device: device.id, name: 'deregister_client', client })
        if (outcome.kind !== 'done' && !(outcome.kind === 'failed' && GONE.has(outcome.code))) continue
      }
      await journal.record((view) => this.#deregistered(view, register.id, device.id))
    }
  }

  #deregistered(view: View, id: string, device: string): ReturnType<Parameters<Journal['record']>[0]> {
    const leftUnits = view.register(id)?.own.left ?? []
    return leftUnits
      .filter((unit) => unit.device === device)
      .map(({ serial }) => {
        const others: readonly LeftUnit[] = leftUnits.filter((unit) => unit.device !== device)
        const own = { left: others.length === 0 ? null : others }
        return { kind: 'register.deregistered' as const, op: id, body: { own, facts: { device, serial } } }
      })
  }
}

/** Registers that have left the device, and that it may still know. */
export function leftAt(view: View, device: string): DocumentOf<'register'>[] {
  return registerIds(view).flatMap((id) => {
    const register = view.register(id)
    return register?.own.left.some((unit) => unit.device === device) === true ? [register] : []
  })
}

/** True while a bon or an abort of the register waits for the unit, or one of its transactions is open there. */
function hasOpen(view: View, device: string, register: string): boolean {
  const ops = [...view.everyIntent().filter((row) => row.device === device), ...view.deviceTransactions(device)].map(
    ({ op }) => op,
  )
  return ops.some((op) => op === '' || registerIdOf(view, op) === register)
}
