import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Config } from '../config/config.ts'
import type { Administration } from '../till/administration.ts'
import type { Technician } from './admin-client.ts'
import { handedOver } from './hand-over.ts'
import type { Owner } from './owner.ts'

/** What is asked of the process: one of the acts, or `open` first and `stop` last. */
export type Call = { id: number; act: string; args: readonly unknown[] }
export type Failure = { name: string; message: string; code?: string; syscall?: string }
export type Reply = { id: number; answer?: unknown; failure?: Failure }

type Ask = (act: string, ...args: readonly unknown[]) => Promise<unknown>
type Waiting = { resolve: (answer: unknown) => void; reject: (error: Error) => void }

const ENTRY = new URL('./owned-agent-child.ts', import.meta.url)
const ACTS: Readonly<Record<keyof Administration, true>> = {
  ...{ createKey: true, listKeys: true, revokeKey: true, installation: true },
  ...{ devices: true, deviceAct: true, secretsSeen: true, retireTse: true, fault: true },
  ...{ seal: true, beginEpoch: true, syncStatus: true, resumeSync: true, setSyncAside: true },
  ...{ listTasks: true, confirmTask: true, exportTo: true },
}

class AgentEndedError extends Error {
  override readonly name = 'AgentEndedError'
  readonly code = 'child_ended'
}

/**
 * Root's work on the state of another user: the agent is opened in a process that is its owner's, so that all that it makes
 * is his and no link of his leads it anywhere that is not. What root wants as a file is taken over as from a daemon.
 */
export async function withOwnedAgent<Result>(
  config: Config,
  owner: Owner,
  work: (technician: Technician) => Promise<Result>,
): Promise<Result> {
  const { ask, leave } = startProcess()
  try {
    await ask('open', config, owner)
    try {
      return await work(technicianOf(config.state, ask))
    } finally {
      await ask('stop')
    }
  } finally {
    await leave()
  }
}

function technicianOf(state: string, ask: Ask): Technician {
  const acts = Object.keys(ACTS).map((act) => [act, (...args: readonly unknown[]) => ask(act, ...args)])
  const technician = Object.fromEntries(acts) as Technician
  return {
    ...technician,
    exportTo: (type, range, path) => handedOver(state, path, (made) => technician.exportTo(type, range, made)),
  }
}

function startProcess(): { ask: Ask; leave: () => Promise<void> } {
  const child = fork(ENTRY, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], serialization: 'advanced' })
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let end: Error | undefined
  const ended = once(child, 'exit')
  const giveUp = (error: Error): void => {
    end ??= error
    for (const { reject } of waiting.values()) reject(end)
    waiting.clear()
  }
  child.on('error', giveUp)
  child.once('exit', (code, signal) =>
    giveUp(new AgentEndedError(`The process of the agent ended early (${signal ?? `exit code ${code}`}).`)),
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
