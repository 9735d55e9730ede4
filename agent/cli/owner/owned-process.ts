import { Dialogue } from '../../../base/child/dialogue.ts'
import type { Ask } from '../daemon/asking.ts'
import type { Owner } from './owner.ts'

const ENTRY = new URL('./owned-process-child.ts', import.meta.url)

/**
 * Root's work in the state of another user: it is done in a process that is that user's, so that all that it makes is his
 * and no link of his leads it anywhere that is not. It has read the `secrets`, files that may be root's alone, before.
 * `work` gets the names of the StateTasks.
 */
export async function inOwnedProcess<Result>(
  owner: Owner,
  state: string,
  secrets: readonly string[],
  work: (ask: Ask, tasks: readonly string[]) => Promise<Result>,
): Promise<Result> {
  const child = new Dialogue({
    ...{ entry: ENTRY, name: 'process of the owner', serialization: 'advanced' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  try {
    const tasks = (await child.ask('enter', owner, state, secrets)) as string[]
    return await work((act, ...args) => child.ask(act, ...args), tasks)
  } finally {
    await child.leave()
  }
}
