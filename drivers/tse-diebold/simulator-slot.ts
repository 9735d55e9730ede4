import type { SoftwareUnit } from '../se-api/software-unit.ts'
import { noCard, Refusal } from './simulator-refusals.ts'

/** A place of the box with the card in it, if there is one. */
export class SimulatedSlot {
  readonly unit: SoftwareUnit
  isIn = true
  /** Size of the whole archive that was read to its end last. */
  exportedBytes: number | undefined
  /** Clients that were registered before the initialisation. */
  readonly early = new Set<string>()

  constructor(unit: SoftwareUnit) {
    this.unit = unit
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

/** Throws a Refusal for a slot that is empty, or is none. */
export function occupied(slot: SimulatedSlot | undefined): SimulatedSlot {
  if (slot?.isIn !== true) throw new Refusal(noCard)
  return slot
}
