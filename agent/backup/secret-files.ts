import { open, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { codeOf } from '../../base/thrown.ts'
import type { FileLine } from './format.ts'
import type { Vault } from './vault.ts'

/** Secrets and memories of devices in the state directory. The key of the checkpoints never leaves its machine. */
export const SECRET_PLACES: readonly string[] = ['seal.key', 'sealed', 'devices', 'tls']
const PIECE_BYTES = 262_144
const FILES_LIMIT = 100_000

type Held = { name: string; bytes: number }

/**
 * The secret files as they are now, in sealed pieces. A simulator may continue to write: its files only grow, its state
 * is read before its logs, and later additions are left out.
 */
export async function* secretLines(directory: string, held: readonly Held[], vault: Vault): AsyncGenerator<string> {
  for (const { name, bytes } of held) {
    const file = await openIfThere(join(directory, name))
    if (file === undefined) continue
    try {
      let at = 0
      do {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(PIECE_BYTES, bytes - at)), 0, null, at)
        const data = vault.seal(`${name} ${at}`, buffer.subarray(0, bytesRead))
        const line: FileLine = { t: 'file', name, at, data }
        yield `${JSON.stringify(line)}\n`
        if (bytesRead === 0) break
        at += bytesRead
      } while (at < bytes)
    } finally {
      await file.close()
    }
  }
}

/** Names and sizes, relative to the directory. */
export async function heldFiles(directory: string): Promise<Held[]> {
  const held: Held[] = []
  for (const place of SECRET_PLACES) {
    for (const path of await filesUnder(join(directory, place))) {
      const file = await openIfThere(path)
      if (file === undefined || held.length >= FILES_LIMIT) continue
      held.push({ name: relative(directory, path), bytes: (await file.stat()).size })
      await file.close()
    }
  }
  return held
}

/** A simulator's `state.json` before its `logs`, and those before their `index`: each then covers the one before. */
async function filesUnder(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true, recursive: true })
    const files = entries.filter((entry) => entry.isFile() && !/\.(tmp|new)$|^lock\.db$/.test(entry.name))
    return files.map((entry) => join(entry.parentPath, entry.name)).sort((left, right) => (left < right ? 1 : -1))
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOTDIR') return [path]
    if (code === 'ENOENT') return []
    throw error
  }
}

async function openIfThere(path: string) {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
