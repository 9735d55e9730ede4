import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, stat } from 'node:fs/promises'
import { DeviceError, errorCode } from '../errors.ts'

/**
 * A device that communicates through a file on its own drive: blocks are written and read at offset 0, without caches.
 */
export type BlockFileOptions = {
  path: string
  /** Size of a read; a multiple of 512. */
  blockBytes: number
}

type Opened = { path: string; handle: FileHandle; device: bigint; inode: bigint; out: Buffer; in: Buffer }

const ALIGNMENT_MAX = 512

/** Not locked: its driver's queue runs one exchange at a time. */
export class BlockFile {
  readonly #options: BlockFileOptions
  #opened: Opened | undefined

  constructor(options: BlockFileOptions) {
    this.#options = options
  }

  /** Path of the open file; the configured one while closed. */
  get path(): string {
    return this.#opened?.path ?? this.#options.path
  }

  get connected(): boolean {
    return this.#opened !== undefined
  }

  /** Harmless when open; `elsewhere` if its drive is mounted on a different folder. Throws `unavailable` none. */
  async connect(elsewhere?: string): Promise<void> {
    if (this.#opened) return
    const { blockBytes } = this.#options
    const path = elsewhere ?? this.#options.path
    try {
      const handle = await openPastCaches(path)
      try {
        const { dev, ino } = await handle.stat({ bigint: true })
        const memory = await alignedMemory(handle, 2 * blockBytes, blockBytes)
        const [out, into] = [memory.subarray(0, blockBytes), memory.subarray(blockBytes)]
        this.#opened = { path, handle, device: dev, inode: ino, out, in: into }
      } catch (error) {
        await handle.close().catch(() => undefined)
        throw error
      }
    } catch (error) {
      throw gone('none', `${path} cannot be opened`, error)
    }
  }

  /**
   * Writes whole sectors at offset 0. Throws `unavailable`: none if the file is not open, unknown if the write failed.
   */
  async write(bytes: Uint8Array): Promise<void> {
    const opened = this.#demand('none')
    opened.out.set(bytes)
    try {
      await opened.handle.write(opened.out, 0, bytes.length, 0)
    } catch (error) {
      await this.close()
      throw gone('unknown', 'the device did not take a block', error)
    }
  }

  /** The block at offset 0, valid until the next read. Throws `unavailable` unknown. */
  async read(): Promise<Buffer> {
    const opened = this.#demand('unknown')
    try {
      const { bytesRead } = await opened.handle.read(opened.in, 0, opened.in.length, 0)
      return opened.in.subarray(0, bytesRead)
    } catch (error) {
      await this.close()
      throw gone('unknown', 'the device gave no block', error)
    }
  }

  /**
   * Closes and throws `unavailable` with that effect if the path no longer names the open file: the device was removed.
   */
  async check(effect: 'none' | 'unknown'): Promise<void> {
    const opened = this.#demand(effect)
    try {
      const { dev, ino } = await stat(opened.path, { bigint: true })
      if (dev === opened.device && ino === opened.inode) return
    } catch (error) {
      await this.close()
      throw gone(effect, 'the device was not found', error)
    }
    await this.close()
    throw new DeviceError('unavailable', effect, 'the device was pulled out and put back')
  }

  async close(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    // Closing a file of a removed device may fail.
    await opened?.handle.close().catch(() => undefined)
  }

  #demand(effect: 'none' | 'unknown'): Opened {
    if (!this.#opened) throw new DeviceError('unavailable', effect, 'the device is not open')
    return this.#opened
  }
}

/** Some file systems (network, user space, old tmpfs) refuse O_DIRECT at open: then it is omitted. */
async function openPastCaches(path: string): Promise<FileHandle> {
  const plain = constants.O_RDWR | constants.O_SYNC
  try {
    return await open(path, plain | (constants.O_DIRECT ?? 0))
  } catch (error) {
    if (errorCode(error) !== 'EINVAL') throw error
    return open(path, plain)
  }
}

/** Node exposes no address of a Buffer: the offset at which a read succeeds is aligned. */
async function alignedMemory(handle: FileHandle, bytes: number, readBytes: number): Promise<Buffer> {
  const memory = Buffer.allocUnsafeSlow(bytes + ALIGNMENT_MAX)
  let refusal: unknown
  for (let offset = 0; offset < ALIGNMENT_MAX; offset += 1) {
    const slice = memory.subarray(offset, offset + bytes)
    try {
      await handle.read(slice, 0, readBytes, 0)
      return slice.fill(0)
    } catch (error) {
      if (errorCode(error) !== 'EINVAL') throw error
      refusal = error
    }
  }
  throw refusal
}

function gone(effect: 'none' | 'unknown', message: string, cause: unknown): DeviceError {
  return new DeviceError('unavailable', effect, message, errorCode(cause))
}
