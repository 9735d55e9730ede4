import { open } from 'node:fs/promises'

/** Reads several files as one. */
export class JoinedFiles {
  readonly #paths: readonly string[]

  constructor(paths: readonly string[]) {
    this.#paths = paths
  }

  /** Bytes from one of the files; fewer if it is shorter. Throws the system's error. */
  async read(at: number, length: number): Promise<Uint8Array> {
    let from = at
    for (const path of this.#paths) {
      const file = await open(path, 'r')
      try {
        const { size } = await file.stat()
        if (from < size) {
          const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from)
          return buffer.subarray(0, bytesRead)
        }
        from -= size
      } finally {
        await file.close()
      }
    }
    return Buffer.alloc(0)
  }
}
