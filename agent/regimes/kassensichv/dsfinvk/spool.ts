import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { DeflateRaw } from 'node:zlib'
import { crc32, createDeflateRaw } from 'node:zlib'

const PORTION_CHARS = 128 * 1024
const LEVEL = 6

/** A file of the package, deflated on disk; what its place in the archive needs to know. */
export type Spooled = { name: string; path: string; crc: number; bytes: number; compressedBytes: number }

/** Deflates one file of the package to disk while it is made: twenty grow at once, and none is held in memory. */
export class Spool {
  private readonly name: string
  private readonly path: string
  private readonly deflater: DeflateRaw
  private readonly written: Promise<void>
  private readonly pending: string[] = []
  private pendingChars = 0
  private crc = 0
  private bytes = 0

  private constructor(name: string, path: string, deflater: DeflateRaw) {
    this.name = name
    this.path = path
    this.deflater = deflater
    this.written = pipeline(deflater, createWriteStream(path, { mode: 0o600 }))
    // Reported where it is awaited: by the next flush or by close.
    this.written.catch(() => undefined)
  }

  static open(name: string, path: string): Spool {
    return new Spool(name, path, createDeflateRaw({ level: LEVEL }))
  }

  append(text: string): void {
    this.pending.push(text)
    this.pendingChars += text.length
  }

  get isFull(): boolean {
    return this.pendingChars >= PORTION_CHARS
  }

  /** Hands over what has gathered, and waits until the disk has taken enough of it. */
  async flush(): Promise<void> {
    if (this.pending.length === 0) return
    const portion = Buffer.from(this.pending.splice(0).join(''))
    this.pendingChars = 0
    this.crc = crc32(portion, this.crc)
    this.bytes += portion.length
    const taken = new Promise<void>((resolve, reject) => {
      this.deflater.write(portion, (error) => (error ? reject(error) : resolve()))
    })
    await Promise.race([taken, this.written])
  }

  async close(): Promise<Spooled> {
    await this.flush()
    this.deflater.end()
    await this.written
    const { size } = await stat(this.path)
    return { name: this.name, path: this.path, crc: this.crc, bytes: this.bytes, compressedBytes: size }
  }

  /** Gives up; whoever waits is told. */
  destroy(): void {
    this.deflater.destroy()
  }
}
