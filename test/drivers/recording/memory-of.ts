import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A digest of all files of a simulated unit. */
export async function memoryOf(folder: string): Promise<string> {
  const hash = createHash('sha256')
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  for (const { name, parentPath } of files.toSorted((one, other) => (one.name < other.name ? -1 : 1)))
    hash.update(name).update(await readFile(join(parentPath, name)))
  return hash.digest('hex')
}
