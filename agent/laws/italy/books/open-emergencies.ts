import { membersIn, textIn } from '../../../journal/checked.ts'
import { partsOf } from '../../../journal/documents/parts.ts'
import { serialOfUnit, unitId } from '../../../journal/documents/records.ts'
import type { EventBody } from '../../../journal/events.ts'

/** The emergency that is open for each printer, from the events of its document. */
export class OpenEmergencies {
  /** By the serial number of the printer. Only the newest emergency may be open. */
  readonly #ids = new Map<string, string>()

  note(op: string, body: EventBody): void {
    if (!op.startsWith(unitId(''))) return
    const { emergencies } = partsOf(body).shown
    if (!Array.isArray(emergencies)) return
    const { id, closed_at: closed } = membersIn(emergencies.at(-1)) ?? {}
    const name = closed === undefined ? textIn(id) : undefined
    if (name === undefined) this.#ids.delete(serialOfUnit(op))
    else this.#ids.set(serialOfUnit(op), name)
  }

  isOpen(serial: string, id: string | undefined): boolean {
    return id !== undefined && this.#ids.get(serial) === id
  }
}
