import { randomBytes } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { dirname, join } from 'node:path'
import type { ChildAnswer, ChildTask } from './daily.ts'
import { makeBackup } from './make.ts'
import { expendable } from './names.ts'

// biome-ignore lint/style/noRestrictedGlobals: the entry of a child process speaks through its own process object
const own = process
own.once('disconnect', () => own.exit())
setPriority(19)
own.once('message', (task: ChildTask) => {
  void answer(task).then((said) => {
    own.send?.(said)
    own.disconnect()
  })
})

async function answer({ keep, nowMs, ...task }: ChildTask): Promise<ChildAnswer> {
  try {
    const random = (length: number): Uint8Array => randomBytes(length)
    const made = await makeBackup({ ...task, clock: { now: () => nowMs }, random, fault: () => undefined })
    const folder = dirname(made.file)
    // Only once the new one is whole.
    for (const name of expendable(await readdir(folder), made.agent, keep))
      await rm(join(folder, name), { force: true })
    return { made }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'internal_error'
    return { failure: error instanceof Error ? error.message : String(error), code }
  }
}
