import type { WriteStream } from 'node:fs'
import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { DeflateRaw } from 'node:zlib'
import { crc32, createDeflateRaw } from 'node:zlib'

const PORTION_BYTES = 128 * 1024
const FIRST_BYTES = 4 * 1024
/** Maximum UTF-8 bytes of a UTF-16 unit. */
const BYTES_A_UNIT = 3
const LEVEL = 6

/** A deflated file of the package, with what its entry in the archive needs. */
export type Spooled = { name: string; path: string; crc: number; bytes: number; compressedBytes: number }

/** Deflates one file of the package to disk while it is made: twenty files grow at once, and none is held in memory. */
export class Spool {
  readonly #name: string
  readonly #path: string
  readonly #deflater: DeflateRaw
  readonly #file: WriteStream
  readonly #written: Promise<void>
  /** Encoded immediately: thousands of short strings in a queue would be most of the work of a small heap. */
  #pending: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #filled = 0
  /** The part that another thread is deflating, and its end: rows are made at the same time. */
  #handedOver: Buffer | undefined
  #taken: Promise<void> = Promise.resolve()
  #crc = 0
  #bytes = 0

  private constructor(name: string, path: string, deflater: DeflateRaw) {
    this.#name = name
    this.#path = path
    this.#deflater = deflater
    this.#file = createWriteStream(path, { mode: 0o600 })
    this.#written = pipeline(deflater, this.#file)
    // Reported by the next flush or by close, which await it.
    this.#written.catch(() => undefined)
  }

  static open(name: string, path: string): Spool {
    return new Spool(name, path, createDeflateRaw({ level: LEVEL }))
  }

  append(text: string): void {
    const needed = this.#filled + BYTES_A_UNIT * text.length
    if (needed > this.#pending.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#pending.length))
      this.#pending.copy(larger, 0, 0, this.#filled)
      this.#pending = larger
    }
    this.#filled += this.#pending.write(text, this.#filled)
  }

  get isFull(): boolean {
    return this.#filled >= PORTION_BYTES
  }

  /** Passes on the buffered part after the previous one was taken. Nothing may be appended until it resolves. */
  async flush(): Promise<void> {
    if (this.#filled === 0) return
    await Promise.race([this.#taken, this.#written])
    const portion = this.#pending.subarray(0, this.#filled)
    this.#crc = crc32(portion, this.#crc)
    this.#bytes += portion.length
    this.#taken = new Promise<void>((resolve, reject) => {
      this.#deflater.write(portion, (error) => (error ? reject(error) : resolve()))
    })
    // Reported by the next flush or by close.
    this.#taken.catch(() => undefined)
    const empty = this.#handedOver ?? Buffer.allocUnsafeSlow(this.#pending.length)
    this.#handedOver = this.#pending
    this.#pending = empty
    this.#filled = 0
  }

  async close(): Promise<Spooled> {
    await this.flush()
    await Promise.race([this.#taken, this.#written])
    this.#deflater.end()
    await this.#written
    // Frees memory for the check.
    this.#pending = Buffer.alloc(0)
    this.#handedOver = undefined
    const { size } = await stat(this.#path)
    return { name: this.#name, path: this.#path, crc: this.#crc, bytes: this.#bytes, compressedBytes: size }
  }

  /** Aborts; waiting callers get the error. Resolves after a file that is being opened is closed, too. */
  async destroy(): Promise<void> {
    this.#deflater.destroy()
    if (!this.#file.closed) await new Promise<void>((resolve) => this.#file.once('close', resolve))
  }
}
