import { writeFileSync } from 'node:fs'
import { takeLowestPriority } from '../lowest-priority.ts'
import { STOP_SIGNALS } from '../stop-signals.ts'
import { codeOf, messageOf } from '../thrown.ts'

export type Call = { id: number; act: string; args: readonly unknown[] }
export type Failure = { name: string; message: string; code: string; syscall?: unknown; details?: unknown }
export type Reply = { id: number; answer: unknown } | { id: number; failure: Failure } | { news: unknown }
export type Acts = Readonly<Record<string, (...args: readonly never[]) => unknown>>

type Served = {
  acts: Acts
  /** Called when the parent has left or ended: must end the process. */
  left(own: NodeJS.Process): void
  failureOf?(error: unknown, act: string): Failure
}

/**
 * The other end of a `Dialogue`: answers its calls. Ctrl-C, a closed terminal and service managers signal the whole
 * group, but the parent decides when the work ends. Returns the function that reports news to the parent.
 */
export function serveCalls({ acts, left, failureOf = copyOf }: Served): (news: unknown) => void {
  // biome-ignore lint/style/noRestrictedGlobals: the entry of a child process speaks through its own process object
  const own = process
  // SIGUSR2 asks the parent what it is doing; without a handler it would end this process.
  for (const signal of [...STOP_SIGNALS, 'SIGUSR2'] as const) own.on(signal, () => undefined)
  own.once('disconnect', () => left(own))
  const send = (reply: Reply): void => void (own.connected && own.send?.(reply))
  own.on('message', async ({ id, act, args }: Call) => {
    try {
      send({ id, answer: await demandAct(acts, act)(...(args as never[])) })
    } catch (error) {
      send({ id, failure: failureOf(error, act) })
    }
  })
  return (news) => send({ news })
}

function demandAct(acts: Acts, act: string): (...args: never[]) => unknown {
  const handler = Object.hasOwn(acts, act) ? acts[act] : undefined
  if (handler === undefined) throw new Error(`there is no act ${act}`)
  return handler
}

/** The members of an error that structured clone keeps. */
export function copyOf(error: unknown): Failure {
  const { name, syscall, details } = Object(error) as Partial<Failure>
  const more = { ...(syscall !== undefined && { syscall }), ...(details !== undefined && { details }) }
  return { name: String(name ?? 'Error'), message: messageOf(error), code: codeOf(error) ?? 'internal_error', ...more }
}

/** The work of a `ChildProgram`. */
export type TaskModule = {
  work(task: never): Promise<object>
  /** Called before the end of the process if its parent has ended. */
  orphaned?(): void
}

/** The other end of `runInChild`: answers the one task of this process with lowest priority. */
export function serveTask(load: () => Promise<TaskModule>): void {
  let orphaned: TaskModule['orphaned']
  takeLowestPriority()
  dieFirst()
  const task = async (what: never): Promise<object> => {
    try {
      const module = await load()
      orphaned = module.orphaned
      return await module.work(what)
    } finally {
      orphaned = undefined
    }
  }
  serveCalls({
    acts: { task },
    left: (own) => {
      orphaned?.()
      own.exit()
    },
  })
}

/** If memory runs out, the kernel kills this process and not the agent, which sells (proc(5), oom_score_adj). */
function dieFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '500')
  } catch {
    // Best effort, as the lowest priority is.
  }
}
