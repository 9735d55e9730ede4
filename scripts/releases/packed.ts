import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'

/** Files below a folder, by their path: the mode, and the bytes as latin1, which compresses better than base64. */
export type PackedFiles = Readonly<Record<string, readonly [mode: number, bytes: string]>>

const PERMISSIONS = 0o777

/** A start makes them again, or as a hole. */
const LEFT_OUT = /(^|\/)(reserve|exports)(\/|$)|-shm$/

export function packFiles(folder: string): PackedFiles {
  const names = globSync('**/*', { cwd: folder })
    .filter((name) => !LEFT_OUT.test(name) && statSync(join(folder, name)).isFile())
    .sort()
  return Object.fromEntries(
    names.map((name) => {
      const file = join(folder, name)
      return [name, [statSync(file).mode & PERMISSIONS, readFileSync(file, 'latin1')] as const]
    }),
  )
}

export function unpackFiles(files: PackedFiles, folder: string): void {
  for (const [name, [mode, bytes]] of Object.entries(files)) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, bytes, { encoding: 'latin1', mode })
  }
}

/** JSON as brotli of the highest level: the same value gives the same bytes. */
export function packJson(value: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(value))
  return brotliCompressSync(text, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    },
  })
}

export function unpackJson(bytes: Uint8Array): unknown {
  return JSON.parse(brotliDecompressSync(bytes).toString())
}
