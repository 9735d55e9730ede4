import { Dialogue } from '../../../base/child/dialogue.ts'
import type { Ask } from '../daemon/asking.ts'
import type { Owner } from './owner.ts'

const ENTRY = new URL('./owned-process-child.ts', import.meta.url)

/**
 * Does root's work in the state of another user in a process that runs as that user: all new files belong to the user,
 * and no link of the user leads to a place without the user's rights. The process reads the `secrets`, which only root
 * may be able to read, before it changes its user; without an `owner` it remains the caller's. `work` gets the names of
 * the StateTasks.
 */
export async function inOwnedProcess<Result>(
  owner: Owner | undefined,
  state: string,
  secrets: readonly string[],
  work: (ask: Ask, tasks: readonly string[]) => Promise<Result>,
): Promise<Result> {
  const child = new Dialogue({
    entry: ENTRY,
    name: 'process of the owner',
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  try {
    const tasks = (await child.ask('enter', owner, state, secrets)) as string[]
    return await work((act, ...args) => child.ask(act, ...args), tasks)
  } finally {
    await child.leave()
  }
}
