import { watch } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeRequest } from '../../../drivers/tse-cryptovision/codec.ts'

/** The bytes that the card leaves in its file after a request: hexadecimal from offset 28 on, one after the other. */
type Play = (data: string, mode: number) => readonly string[]

const header = Buffer.from('41645661 6e634544 20536543 75526520 53442f4d 4d432043 41726401'.replaceAll(' ', ''), 'hex')
const BLOCK_BYTES = 8192
const SECTOR_BYTES = 512

/** A file that answers as the test orders, block by block; it keeps the requests, in order. */
export class PlayedCard {
  /** Data of every request in hexadecimal; `zeros` if the file was cleared. */
  readonly asked: string[] = []
  readonly #play: Play
  readonly #file: FileHandle
  readonly #stop: () => void
  #working: Promise<void> = Promise.resolve()
  #seen = 0n

  private constructor(file: FileHandle, path: string, play: Play) {
    this.#file = file
    this.#play = play
    const watcher = watch(path, () => {
      this.#working = this.#working.then(() => this.#look())
    })
    this.#stop = () => watcher.close()
  }

  static async insert(mount: string, play: Play): Promise<PlayedCard> {
    await mkdir(mount, { recursive: true })
    const path = join(mount, 'TSE-IO.bin')
    const file = await open(path, 'w+')
    await file.write(Buffer.alloc(BLOCK_BYTES, 0xee), 0, BLOCK_BYTES, 0)
    return new PlayedCard(file, path, play)
  }

  async remove(): Promise<void> {
    this.#stop()
    await this.#working
    await this.#file.close()
  }

  async #look(): Promise<void> {
    const { mtimeNs } = await this.#file.stat({ bigint: true })
    if (mtimeNs === this.#seen) return
    this.#seen = mtimeNs
    const block = Buffer.alloc(BLOCK_BYTES)
    await this.#file.read(block, 0, BLOCK_BYTES, 0)
    const request = decodeRequest(block)
    if (request === undefined) {
      if (block.every((byte) => byte === 0)) this.asked.push('zeros')
      return
    }
    const data = request.data.toString('hex')
    // Two successive writes may be reported as one: a cleared file shows after the next request.
    if (request.mode !== 0 && this.asked.at(-1) !== 'zeros' && block.subarray(SECTOR_BYTES).every((byte) => byte === 0))
      this.asked.push('zeros')
    this.asked.push(request.mode === 0 ? data : `${request.mode.toString(16)} ${data}`)
    for (const answer of this.#play(data, request.mode)) await this.#leave(block, answer)
  }

  async #leave(block: Buffer, answer: string): Promise<void> {
    header.copy(block)
    Buffer.from(answer.replaceAll(' ', ''), 'hex').copy(block, 28)
    await this.#file.write(block, SECTOR_BYTES, BLOCK_BYTES - SECTOR_BYTES, SECTOR_BYTES)
    await this.#file.write(block, 0, SECTOR_BYTES, 0)
  }
}
