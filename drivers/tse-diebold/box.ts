import type { Clock } from '../../base/clock.ts'
import type { Link } from '../links/link.ts'
import type { Command } from '../queue.ts'
import { CommandQueue } from '../queue.ts'

/** Some requests may have been lost since the last one that was answered. */
const bufferedMax = 32

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
  /** Whose turn was the last, whether a command of it named the slot, and the client that the box has. */
  #at: string | undefined
  #isNamed = false
  #client: string | undefined
  #exports = 0
  /** Of the last requests whose answers went into a buffer. */
  readonly #buffered: string[] = []

  constructor(link: Link, clock: Clock) {
    this.link = link
    this.#turns = new CommandQueue(clock)
  }

  /** A device of that slot will use the box. */
  share(slot: string): void {
    this.#slots.add(slot)
  }

  /** True with several slots: a command without a slot then goes to that of the client told last, or to the one named last. */
  get isShared(): boolean {
    return this.#slots.size > 1
  }

  run<T>(slot: string, command: Omit<Command, 'client'>, act: () => Promise<T>): Promise<T> {
    return this.#turns.run({ ...command, client: slot }, () => {
      if (this.#at !== slot) this.#forget()
      this.#at = slot
      return act()
    })
  }

  /** Within a turn. A line on which other slots are at work is left as it is. Returns the number of the connection. */
  async connect(slot: string): Promise<number> {
    this.#holders.add(slot)
    this.#forget()
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

  /** Of the slot whose turn it is; undefined where nobody knows. */
  get client(): string | undefined {
    return this.#client
  }

  /** Undefined before it is told: an answer that got lost leaves open which one the box has. */
  set client(client: string | undefined) {
    this.#client = client
  }

  /** In this turn or the ones before of the same slot. */
  get isNamed(): boolean {
    return this.#isNamed
  }

  named(): void {
    this.#isNamed = true
  }

  /** The number of an export that takes the buffer; the one before has lost it. */
  takeBuffer(): number {
    this.#exports += 1
    return this.#exports
  }

  noteBuffered(id: string): void {
    this.#buffered.push(id)
    if (this.#buffered.length > bufferedMax) this.#buffered.shift()
  }

  /** What lies in a buffer stays there when the next request does not reach the box: then its answer is of an earlier one. */
  isEarlier(id: string, wanted: string): boolean {
    return id !== wanted && this.#buffered.includes(id)
  }

  holdsBuffer(number: number): boolean {
    return this.#exports === number
  }

  #forget(): void {
    this.#isNamed = false
    this.#client = undefined
  }
}
