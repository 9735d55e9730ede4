import type { Link } from '../links/link.ts'
import type { Clock } from '../ports/clock.ts'
import type { Command } from '../queue.ts'
import { CommandQueue } from '../queue.ts'

/**
 * What the slots of one ConnectBox share: the line with one frame in flight, whose turn it is (slot after slot, whatever
 * the number of registers at each), the buffer of exports, and the client that was told last. A SingleTSE is a box of one.
 */
export class DieboldBox {
  readonly link: Link
  readonly #turns: CommandQueue
  /** Of the devices that were made for this box. */
  readonly #slots = new Set<string>()
  readonly #holders = new Set<string>()
  #connection = 0
  #told: { slot: string; client: string } | undefined
  #exports = 0

  constructor(link: Link, clock: Clock) {
    this.link = link
    this.#turns = new CommandQueue(clock)
  }

  /** A device of that slot will use the box. */
  share(slot: string): void {
    this.#slots.add(slot)
  }

  /** Commands that name no slot mean that of the client told last: which it is matters. */
  get isShared(): boolean {
    return this.#slots.size > 1
  }

  run<T>(slot: string, command: Omit<Command, 'client'>, act: () => Promise<T>): Promise<T> {
    return this.#turns.run({ ...command, client: slot }, act)
  }

  /** Within a turn. A line on which other slots are at work is left as it is. Returns the number of the connection. */
  async connect(slot: string): Promise<number> {
    this.#holders.add(slot)
    this.#told = undefined
    if (this.#holders.size === 1) await this.link.check()
    if (!this.link.connected) {
      await this.link.connect()
      this.#connection += 1
    }
    return this.#connection
  }

  /** After a reconnection, be it another slot's, the slot must be opened anew: there may be another unit in it. */
  isOn(connection: number | undefined): boolean {
    return this.link.connected && this.#connection === connection
  }

  /** The last one closes the line. */
  async leave(slot: string): Promise<void> {
    this.#holders.delete(slot)
    if (this.#holders.size === 0) await this.link.close()
  }

  hasTold(slot: string, client?: string): boolean {
    return this.#told?.slot === slot && (client === undefined || this.#told.client === client)
  }

  /** Also before it is told: an answer that got lost leaves open which client the box has. */
  forgetClient(): void {
    this.#told = undefined
  }

  told(slot: string, client: string): void {
    this.#told = { slot, client }
  }

  /** The number of an export that takes the buffer; the one before has lost it. */
  takeBuffer(): number {
    this.#exports += 1
    return this.#exports
  }

  holdsBuffer(number: number): boolean {
    return this.#exports === number
  }
}
