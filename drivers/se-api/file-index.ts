import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'

type Entry = { counter: number; startedBefore: number; offset: number }

const ENTRY_BYTES = 24
const LOGS_PER_ENTRY = 256

/**
 * Position of every 256th log: counter, highest transaction number started before it, offset; three doubles each.
 * Searched on disk by bisection, so that it needs no memory. An entry that is too early costs only time.
 */
export class SparseIndex {
  #file: number | undefined
  #entries = 0

  /** False if the file holds fewer entries than it should. */
  open(path: string, entries: number): boolean {
    this.close()
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
    if (fstatSync(this.#file).size < entries * ENTRY_BYTES) return false
    ftruncateSync(this.#file, entries * ENTRY_BYTES)
    this.#entries = entries
    return true
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    this.#entries = 0
  }

  entries(): number {
    return this.#entries
  }

  /** Records the position of every 256th log. */
  note(counter: number, startedBefore: number, offset: number): void {
    if (this.#file === undefined || (counter % LOGS_PER_ENTRY !== 1 && this.#entries > 0)) return
    const bytes = Buffer.alloc(ENTRY_BYTES)
    bytes.writeDoubleBE(counter, 0)
    bytes.writeDoubleBE(startedBefore, 8)
    bytes.writeDoubleBE(offset, 16)
    writeSync(this.#file, bytes, 0, ENTRY_BYTES, this.#entries * ENTRY_BYTES)
    this.#entries += 1
  }

  /** An offset at or before the log of this counter. */
  offsetOfCounter(counter: number): number {
    return this.#lastOffset((entry) => entry.counter <= counter)
  }

  /** An offset at or before the start log of this transaction. */
  offsetOfTransaction(transaction: number): number {
    return this.#lastOffset((entry) => entry.startedBefore < transaction)
  }

  #lastOffset(isBefore: (entry: Entry) => boolean): number {
    let offset = 0
    let low = 0
    for (let high = this.#entries; low < high; ) {
      const middle = Math.floor((low + high) / 2)
      const entry = this.#read(middle)
      if (isBefore(entry)) {
        offset = entry.offset
        low = middle + 1
      } else high = middle
    }
    return offset
  }

  #read(position: number): Entry {
    const bytes = Buffer.alloc(ENTRY_BYTES)
    if (this.#file !== undefined) readSync(this.#file, bytes, 0, ENTRY_BYTES, position * ENTRY_BYTES)
    return { counter: bytes.readDoubleBE(0), startedBefore: bytes.readDoubleBE(8), offset: bytes.readDoubleBE(16) }
  }
}
