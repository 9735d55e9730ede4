import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, stat } from 'node:fs/promises'
import { DeviceError, errorCode } from '../errors.ts'
import type { Recorder } from '../recording/recorder.ts'
import { fileFault } from './file-faults.ts'

/**
 * A device that communicates through a file on its own drive: blocks are written and read at offset 0, without caches.
 */
export type BlockFileOptions = {
  path: string
  /** Size of a read; a multiple of 512. */
  blockBytes: number
  recorder?: Recorder | undefined
  announced: AnnouncedPart
}

/** The part of a block that a recording keeps. */
type AnnouncedPart = {
  sent: (block: Buffer) => Buffer
  /** Undefined if the device has not answered yet. */
  heard: (block: Buffer) => Buffer | undefined
}

type Opened = { path: string; handle: FileHandle; device: bigint; inode: bigint; out: Buffer; in: Buffer }
type Direct = { handle: FileHandle; isDirect: boolean }

const ALIGNMENT_MAX = 512

/** Not locked: its driver's queue runs one exchange at a time. */
export class BlockFile {
  readonly #options: BlockFileOptions
  #opened: Opened | undefined
  /** Answers of a recording that were not read yet; undefined unless one is being played. */
  #played: Uint8Array[] | undefined

  constructor(options: BlockFileOptions) {
    this.#options = options
  }

  /** Path of the open file; the configured one while closed. */
  get path(): string {
    return this.#opened?.path ?? this.#options.path
  }

  get connected(): boolean {
    return this.#opened !== undefined || this.#played !== undefined
  }

  /** Harmless when open; `elsewhere` if its drive is mounted on a different folder. Throws `unavailable` none. */
  async connect(elsewhere?: string): Promise<void> {
    if (this.connected) return
    const { blockBytes, recorder } = this.#options
    if (recorder?.plays) {
      this.#played = []
      return
    }
    const path = elsewhere ?? this.#options.path
    try {
      const { handle, isDirect } = await openPastCaches(path)
      try {
        const { dev, ino } = await handle.stat({ bigint: true })
        const memory = await alignedMemory(handle, 2 * blockBytes, blockBytes)
        const [out, into] = [memory.subarray(0, blockBytes), memory.subarray(blockBytes)]
        this.#opened = { path, handle, device: dev, inode: ino, out, in: into }
        recorder?.opened(isDirect ? 'file, direct access' : 'file, no direct access')
      } catch (error) {
        await handle.close().catch(() => undefined)
        throw error
      }
    } catch (error) {
      throw this.#gone('none', `${path} cannot be opened`, error)
    }
  }

  /**
   * Writes whole sectors at offset 0. Throws `unavailable`: none if the file is not open, unknown if the write failed.
   */
  async write(bytes: Uint8Array): Promise<void> {
    const { recorder, announced } = this.#options
    const opened = this.#played ? undefined : this.#demand('none')
    if (recorder !== undefined) {
      const sent = announced.sent(Buffer.from(bytes))
      recorder.sending(sent)
      if (opened === undefined) this.#played = [...(recorder.plays?.(sent) ?? [])]
    }
    if (opened === undefined) return
    opened.out.set(bytes)
    try {
      await opened.handle.write(opened.out, 0, bytes.length, 0)
    } catch (error) {
      await this.close()
      throw this.#gone('unknown', 'the device did not take a block', error)
    }
  }

  /** The block at offset 0, valid until the next read. Throws `unavailable` unknown. */
  async read(): Promise<Buffer> {
    if (this.#played) return Buffer.from(this.#played.shift() ?? [])
    const opened = this.#demand('unknown')
    try {
      const { bytesRead } = await opened.handle.read(opened.in, 0, opened.in.length, 0)
      const block = opened.in.subarray(0, bytesRead)
      const { recorder, announced } = this.#options
      const heard = recorder === undefined ? undefined : announced.heard(block)
      if (heard !== undefined) recorder?.heard(heard)
      return block
    } catch (error) {
      await this.close()
      throw this.#gone('unknown', 'the device gave no block', error)
    }
  }

  /**
   * Closes and throws `unavailable` with that effect if the path no longer names the open file: the device was removed.
   */
  async check(effect: 'none' | 'unknown'): Promise<void> {
    if (this.#played) return
    const opened = this.#demand(effect)
    try {
      const { dev, ino } = await stat(opened.path, { bigint: true })
      if (dev === opened.device && ino === opened.inode) return
    } catch (error) {
      await this.close()
      throw this.#gone(effect, 'the device was not found', error)
    }
    await this.close()
    throw this.#gone(effect, 'the device was pulled out and put back', undefined)
  }

  async close(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    this.#played = undefined
    // Closing a file of a removed device may fail.
    await opened?.handle.close().catch(() => undefined)
  }

  #demand(effect: 'none' | 'unknown'): Opened {
    if (!this.#opened) throw new DeviceError('unavailable', effect, 'the device is not open')
    return this.#opened
  }

  #gone(effect: 'none' | 'unknown', message: string, cause: unknown): DeviceError {
    const code = errorCode(cause)
    this.#options.recorder?.broke(code ?? message)
    return new DeviceError('unavailable', effect, fileFault(message, cause), code)
  }
}

/** Some file systems (network, user space, old tmpfs) refuse O_DIRECT at open: then it is omitted. */
async function openPastCaches(path: string): Promise<Direct> {
  const plain = constants.O_RDWR | constants.O_SYNC
  try {
    return { handle: await open(path, plain | (constants.O_DIRECT ?? 0)), isDirect: constants.O_DIRECT !== undefined }
  } catch (error) {
    if (errorCode(error) !== 'EINVAL') throw error
    return { handle: await open(path, plain), isDirect: false }
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
