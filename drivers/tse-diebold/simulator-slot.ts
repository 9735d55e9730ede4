import type { SoftwareUnit } from '../se-api/software-unit.ts'
import type { SeUsers } from '../se-api/users.ts'
import { NO_CARD, Refusal } from './simulator-refusals.ts'

/** A slot of the box with its card, if it has one. */
export class SimulatedSlot {
  readonly unit: SoftwareUnit
  readonly users: SeUsers
  isIn = true
  /** Size of the last whole archive that was read completely. */
  exportedBytes: number | undefined
  /** Clients registered before the initialisation. */
  readonly early = new Set<string>()

  constructor({ unit, users }: { unit: SoftwareUnit; users: SeUsers }) {
    this.unit = unit
    this.users = users
  }

  async losePower(): Promise<void> {
    this.exportedBytes = undefined
    await this.unit.cut()
  }

  async knows(client: string): Promise<boolean> {
    if (!this.isIn) return false
    const { element } = await this.unit.power()
    return this.early.has(client) || element.info().state.clients.includes(client)
  }
}

/** Throws a Refusal for an empty or unknown slot. */
export function occupied(slot: SimulatedSlot | undefined): SimulatedSlot {
  if (slot?.isIn !== true) throw new Refusal(NO_CARD)
  return slot
}
