import type { Clock } from '../../base/clock.ts'
import type { Link } from '../links/link.ts'
import type { Command } from '../queue.ts'
import { CommandQueue } from '../queue.ts'

/** Limit for requests that may have been lost since the last answered one. */
const BUFFERED_MAX = 32

/**
 * State shared by the slots of one ConnectBox: the line with one frame in flight, the queue (round-robin over slots,
 * however many registers each has), the export buffer and the client that was set last. A SingleTSE is a box with one
 * slot.
 */
export class DieboldBox {
  readonly link: Link
  readonly #turns: CommandQueue
  /** Slots with a device in this box. */
  readonly #slots = new Set<string>()
  readonly #holders = new Set<string>()
  #connection = 0
  /** The slot that used the line last, whether a command has named it since, and the client set in the box. */
  #at: string | undefined
  #isNamed = false
  #client: string | undefined
  #exports = 0
  /** Ids of the last requests whose answers went into a buffer. */
  readonly #buffered: string[] = []

  constructor(link: Link, clock: Clock) {
    this.link = link
    this.#turns = new CommandQueue(clock)
  }

  /** Registers a slot that will use the box. */
  share(slot: string): void {
    this.#slots.add(slot)
  }

  /**
   * True with several slots: a command without a slot then goes to the slot of the client set last, or to the one named
   * last.
   */
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

  /**
   * Called while holding the line. Leaves a line alone that other slots are using. Returns the number of the
   * connection.
   */
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

  /** After a reconnection, even by another slot, each slot must be opened again: it may hold a different unit. */
  isOn(connection: number | undefined): boolean {
    return this.link.connected && this.#connection === connection
  }

  /** The last slot to leave closes the line. */
  async leave(slot: string): Promise<void> {
    this.#holders.delete(slot)
    if (this.#holders.size === 0) await this.link.close()
  }

  /** The client of the slot that has the line; undefined if unknown. */
  get client(): string | undefined {
    return this.#client
  }

  /** Undefined before it is set: after a lost answer the box may have either client. */
  set client(client: string | undefined) {
    this.#client = client
  }

  /** Since the slot got the line. */
  get isNamed(): boolean {
    return this.#isNamed
  }

  named(): void {
    this.#isNamed = true
  }

  /** The number of a new export, which takes the buffer from the one before. */
  takeBuffer(): number {
    this.#exports += 1
    return this.#exports
  }

  noteBuffered(id: string): void {
    this.#buffered.push(id)
    if (this.#buffered.length > BUFFERED_MAX) this.#buffered.shift()
  }

  /**
   * A buffer keeps its content if the next request does not reach the box: then its answer belongs to an earlier
   * request.
   */
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
