import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory } from '../../../base/durable-file.ts'
import { isRunning } from '../../../base/temporary-name.ts'
import { makeFolder } from '../../state/state-directory.ts'
import { UsageError } from '../arguments/options.ts'
import { withoutLitter } from './without-litter.ts'

/** Followed by the id of the process that fills it. */
const UNFINISHED = '.unfinished-'

/**
 * Fills a new or empty folder: the content is written to a folder within it, and moved into place when complete, `last`
 * as the last file. Remains of a killed process do not count as content. Throws UsageError if the folder has other
 * content, or another process fills it.
 */
export async function inNewFolder<Result>(
  folder: string,
  last: string,
  fill: (unfinished: string) => Promise<Result>,
): Promise<Result> {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new UsageError(`${folder} is not a folder: name a new one`)
  makeFolder(folder)
  const unfinished = join(folder, `${UNFINISHED}${process.pid}`)
  return withoutLitter(
    () => rmSync(unfinished, { recursive: true, force: true }),
    async () => {
      try {
        // Created before the check: of two concurrent commands neither takes the other's folder for an empty one.
        await mkdir(unfinished, { mode: 0o700 })
        await refuseContent(folder, unfinished)
        const result = await fill(unfinished)
        place(unfinished, folder, last)
        await syncDirectory(folder)
        return result
      } finally {
        await rm(unfinished, { recursive: true, force: true }).catch(() => undefined)
      }
    },
  )
}

async function refuseContent(folder: string, own: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => join(folder, name) !== own)
  if (names.some((name) => !name.startsWith(UNFINISHED)))
    throw new UsageError(`${folder} is not empty: name a new folder`)
  for (const name of names) {
    const pid = name.slice(UNFINISHED.length)
    if (isRunning(Number(pid))) throw new UsageError(`process ${pid} is writing into ${folder}: wait for its end`)
  }
  for (const name of names) await rm(join(folder, name), { recursive: true })
}

/** Synchronous, so that no signal interrupts it. */
function place(unfinished: string, folder: string, last: string): void {
  const names = readdirSync(unfinished).filter((name) => name !== last)
  for (const name of [...names, last]) renameSync(join(unfinished, name), join(folder, name))
}
