import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { Mutex } from '../../base/mutex.ts'
import { DeviceError } from '../errors.ts'
import type { Pkcs11Token } from '../native/pkcs11-token.ts'
import type { SeLog, SeStore } from '../se-api/store.ts'

const BYTES = 40
/** A start and its finish usually share one mark, and no signature waits for it. */
const QUIET_MS = 200
/** A write this slow goes to the EEPROM of a card, which endures some 100,000 writes. */
const SLOW_WRITE_MS = 50
const UNMARKED_MAX = 100

type Mark = { counter: number; hash: Buffer }

/**
 * Counter and hash of a recent log, kept in the token itself (CKO_DATA), to detect a restored backup of the memory: no
 * counter may be issued twice. The mark is written 200 ms after the last log, at least every 100 signatures, and at
 * closing; on a slow token only the latter two, to spare its EEPROM. Logs that a crash leaves unmarked (at most 100)
 * are missed only if a backup of just those moments is restored.
 */
export class RollbackMark {
  readonly #token: Pkcs11Token
  readonly #clock: Clock
  readonly #label: string
  #latest: Mark | undefined
  #writtenCounter = 0
  #isSlow = false
  #takesNone = false
  #cancelTimer: (() => void) | undefined
  readonly #writing = new Mutex()

  constructor(token: Pkcs11Token, clock: Clock, keyId: string) {
    this.#token = token
    this.#clock = clock
    this.#label = `tse-mark-${keyId}`
  }

  /** False on a token without data objects: a restored backup then goes undetected. */
  get isKept(): boolean {
    return !this.#takesNone
  }

  /**
   * Throws `tse_ahead` if the token has signed more than the memory has, `foreign` if it has marked a different
   * history.
   */
  async check(store: SeStore): Promise<void> {
    const mark = newest(await this.#token.readData(this.#label))
    if (!mark) return
    const { state } = await store.load()
    const counter = state?.signatureCounter ?? 0
    if (mark.counter > counter) {
      const text = `it has signed up to ${mark.counter}, the memory ends at ${counter}`
      if (state === undefined) throw foreign(text)
      throw new DeviceError(
        'tse_ahead',
        'none',
        `the token is ahead of its memory: ${text}; was an old backup restored?`,
      )
    }
    for await (const log of store.logs(mark.counter)) {
      const isAnother = log.counter === mark.counter && !mark.hash.equals(hashOf(log))
      if (isAnother) throw foreign(`its log ${mark.counter} is another than that in the memory`)
      break
    }
    this.#writtenCounter = mark.counter
  }

  /** The last counter marked in the token; 0 if it has no mark. */
  async marked(): Promise<number> {
    return newest(await this.#token.readData(this.#label))?.counter ?? 0
  }

  /** The store, with a mark for every committed log. */
  guard(store: SeStore): SeStore {
    return {
      load: () => store.load(),
      prepare: (pending) => store.prepare(pending),
      commit: async (log, next) => {
        await store.commit(log, next)
        this.#note(log)
      },
      save: (next) => store.save(next),
      logs: (fromCounter) => store.logs(fromCounter),
      transaction: (transaction) => store.transaction(transaction),
      discard: async (upTo) => store.discard?.(upTo),
      close: () => store.close(),
    }
  }

  /** Writes a pending mark. */
  async flush(): Promise<void> {
    this.#cancelTimer?.()
    await this.#begin()
  }

  #note(log: SeLog): void {
    if (this.#takesNone) return
    this.#latest = { counter: log.counter, hash: hashOf(log) }
    this.#cancelTimer?.()
    if (log.counter - this.#writtenCounter >= UNMARKED_MAX) void this.#begin()
    else if (!this.#isSlow) this.#cancelTimer = this.#clock.after(QUIET_MS, () => void this.#begin())
  }

  #begin(): Promise<void> {
    return this.#writing.run(() => this.#write())
  }

  async #write(): Promise<void> {
    const mark = this.#latest
    if (!mark || mark.counter <= this.#writtenCounter || !this.#token.isOpen) return
    const startNs = this.#clock.mono()
    try {
      await this.#token.replaceData(this.#label, encode(mark))
      this.#writtenCounter = mark.counter
      this.#isSlow = Number(this.#clock.mono() - startNs) / 1e6 > SLOW_WRITE_MS
    } catch (error) {
      // The signature is done and the mark only a safeguard: the next act detects a missing token.
      if (error instanceof DeviceError && error.code === 'refused') this.#takesNone = true
    }
  }
}

function hashOf(log: SeLog): Buffer {
  return createHash('sha256').update(log.message).digest()
}

function encode(mark: Mark): Buffer {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(mark.counter))
  return Buffer.concat([counter, mark.hash])
}

function newest(values: readonly Uint8Array[]): Mark | undefined {
  return values
    .filter((value) => value.length === BYTES)
    .map((value) => Buffer.from(value))
    .map((value) => ({ counter: Number(value.readBigUInt64BE()), hash: value.subarray(8) }))
    .reduce<Mark | undefined>((best, mark) => (best && best.counter >= mark.counter ? best : mark), undefined)
}

function foreign(why: string): DeviceError {
  return new DeviceError('foreign', 'none', `the token does not belong to this memory: ${why}`)
}
