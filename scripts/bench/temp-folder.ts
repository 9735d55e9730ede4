import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A place for all files of a run, on the disk of the temporary directory. */
export type TempFolder = { make(name: string): Promise<string>; remove(): Promise<void> }

export async function makeTempFolder(): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), 'fiskal-bench-'))
  return {
    make: async (name) => {
      const folder = join(path, name)
      await mkdir(folder, { recursive: true })
      return folder
    },
    remove: () => rm(path, { recursive: true, force: true }),
  }
}
