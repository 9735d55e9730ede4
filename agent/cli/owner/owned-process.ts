import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Ask } from '../daemon/asking.ts'
import type { Owner } from './owner.ts'

/** A call to the process: `enter` first, then any of its acts. */
export type Call = { id: number; act: string; args: readonly unknown[] }
export type Failure = { name: string; message: string; code?: string; syscall?: string }
export type Reply = { id: number; answer?: unknown; failure?: Failure }

type Waiting = { resolve: (answer: unknown) => void; reject: (error: Error) => void }

const ENTRY = new URL('./owned-process-child.ts', import.meta.url)

class ProcessEndedError extends Error {
  override readonly name = 'ProcessEndedError'
  readonly code = 'child_ended'
}

/**
 * Does root's work in the state of another user in a process that runs as that user: all new files belong to the user,
 * and no link of the user leads to a place without the user's rights. The process reads the `secrets`, which only root
 * may be able to read, before it changes its user.
 */
export async function inOwnedProcess<Result>(
  owner: Owner,
  state: string,
  secrets: readonly string[],
  work: (ask: Ask) => Promise<Result>,
): Promise<Result> {
  const { ask, leave } = startProcess()
  try {
    await ask('enter', owner, state, secrets)
    return await work(ask)
  } finally {
    await leave()
  }
}

function startProcess(): { ask: Ask; leave: () => Promise<void> } {
  const child = fork(ENTRY, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], serialization: 'advanced' })
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let end: Error | undefined
  const giveUp = (error: Error): void => {
    end ??= error
    for (const { reject } of waiting.values()) reject(end)
    waiting.clear()
  }
  const ended = once(child, 'exit').catch(() => undefined)
  child.on('error', giveUp)
  child.once('exit', (code, signal) =>
    giveUp(new ProcessEndedError(`The process of the owner ended early (${signal ?? `exit code ${code}`}).`)),
  )
  child.on('message', ({ id, answer, failure }: Reply) => {
    const { resolve, reject } = waiting.get(id) ?? {}
    waiting.delete(id)
    if (failure === undefined) resolve?.(answer)
    else reject?.(Object.assign(new Error(failure.message), failure))
  })
  const ask: Ask = (act, ...args) =>
    new Promise((resolve, reject) => {
      if (end !== undefined) return reject(end)
      const call: Call = { id: ++lastId, act, args }
      waiting.set(call.id, { resolve, reject })
      child.send(call)
    })
  const leave = async (): Promise<void> => {
    if (child.connected) child.disconnect()
    if (child.pid !== undefined) await ended
  }
  return { ask, leave }
}
