import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { during } from '../lifetime.ts'
import { childEnvironment, childFlags } from './flags.ts'
import { OnePlace } from './one-place.ts'
import type { Said } from './serve.ts'

/** A process that does one task and ends: its entry calls `serveTask`. */
export type ChildProgram = {
  /** As a technician calls its task: `export`. */
  name: string
  entry: URL
  /** What it may hold of its own, in MB. */
  heapMb: number
  /** Above what the longest task takes on a slow disk: one that is still at it then hangs, and is killed. */
  limitMs: number
}

class ChildEndedError extends Error {
  override readonly name = 'ChildEndedError'
  readonly code = 'child_ended'
}

/** What the work threw in the child, with its code. */
class TaskFailedError extends Error {
  override readonly name = 'TaskFailedError'
  readonly code: string

  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

/** What the unit of the service has room for beside the tills (MemoryMax): two could take its memory away from them. */
const place = new OnePlace()

/**
 * Gives `task` to a process of its own and waits for its answer: selling goes on beside it, and its memory goes with it.
 * One at a time, in the order of asking. It is killed by `signal`, and ends with its parent. Throws TaskFailedError for what
 * the work throws; and once the process is gone ChildEndedError without an answer, AbortError after `signal`, the system's
 * error where none was granted.
 */
export function runInChild<Answer>(program: ChildProgram, task: object, signal: AbortSignal): Promise<Answer> {
  const job: Job = {}
  const limitOf = ({ beganMs }: Job) => beganMs && beganMs + program.limitMs - performance.now()
  const tell = () => ({ name: jobName(program, job), state: job.pid ? 'running' : 'queued', deadlineMs: limitOf(job) })
  return during('job', tell, () => answered(program, task, signal, job))
}

/** `pid` and since when, once it runs. */
type Job = { pid?: number | undefined; beganMs?: number }

const jobName = ({ name }: ChildProgram, { pid }: Job): string => (pid === undefined ? name : `${name} (pid ${pid})`)

async function answered<Answer>(program: ChildProgram, task: object, signal: AbortSignal, job: Job): Promise<Answer> {
  const leave = await place.enter(signal)
  let child: ChildProcess | undefined
  try {
    child = begun(program, signal)
    child.once('exit', leave)
    Object.assign(job, { pid: child.pid, beganMs: performance.now() })
    return await answerOf<Answer>(program, child, task)
  } finally {
    // One that never ran has no end.
    if (child?.pid === undefined) leave()
  }
}

function begun({ entry, heapMb, limitMs }: ChildProgram, signal: AbortSignal): ChildProcess {
  return fork(entry, [], {
    execArgv: childFlags(heapMb),
    env: childEnvironment(),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
    signal,
  })
}

function answerOf<Answer>({ name }: ChildProgram, child: ChildProcess, task: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let failure: Error | undefined
    // Not once: a refused process has a second error, that of what was sent to it, and one that nobody hears ends the agent.
    child.on('error', (error) => {
      failure ??= error
      // One that never ran has no end either.
      if (child.pid === undefined) reject(error)
    })
    child.once('message', (message) => {
      const said = message as Said<Answer>
      if ('answer' in said) resolve(said.answer)
      else reject(new TaskFailedError(said.failure, said.code))
    })
    child.once('exit', (code, by) =>
      reject(failure ?? new ChildEndedError(`The ${name} ended early (${by ?? `exit code ${code}`}).`)),
    )
    // One that was refused for want of descriptors has no channel; its error comes.
    if (child.connected) child.send(task)
  })
}
