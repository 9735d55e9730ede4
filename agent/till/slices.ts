import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import type { InParts } from '../laws/law.ts'

/** The tills run after that time; one duty takes far less. */
const SLICE_NS = 5_000_000n

/** A time for which the event loop is kept at most: longer work is done in several. */
export class Slice {
  readonly #clock: Pick<Clock, 'mono'>
  #begin: bigint

  constructor(clock: Pick<Clock, 'mono'>) {
    this.#clock = clock
    this.#begin = clock.mono()
  }

  isOver(): boolean {
    return this.#clock.mono() - this.#begin > SLICE_NS
  }

  async next(): Promise<void> {
    await setImmediate()
    this.#begin = this.#clock.mono()
  }
}

/** Reads all items in slices between which tills run. */
export async function readInSlices<Item>(items: InParts<Item>, slice: Slice): Promise<Item[]> {
  const read: Item[] = []
  for (const item of items) {
    if (item !== undefined) read.push(item)
    if (slice.isOver()) await slice.next()
  }
  return read
}
