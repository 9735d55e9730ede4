import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { during } from '../lifetime.ts'
import { Serial } from '../serial.ts'
import { childEnvironment, childFlags } from './flags.ts'
import type { Said } from './serve.ts'

/** A process that does one task and ends: its entry calls `serveTask`. */
export type ChildProgram = {
  /** The technician's word for the task: `export`. */
  name: string
  entry: URL
  /** Limit of the V8 heap, in MB. */
  heapMb: number
  /** Above the longest task on a slow disk: a child that still runs then hangs, and is killed. */
  limitMs: number
}

class ChildEndedError extends Error {
  override readonly name = 'ChildEndedError'
  readonly code = 'child_ended'
}

/** The error that the work threw in the child, with its code. */
class TaskFailedError extends Error {
  override readonly name = 'TaskFailedError'
  readonly code: string

  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

/**
 * The unit of the service has memory for one child in addition to the tills (MemoryMax): two could take it from them.
 */
const place = new Serial()

/**
 * Runs `task` in its own process and waits for the answer: selling continues, and the memory of the process is freed
 * with it. One at a time, first come, first served. `signal` kills it, and it ends with its parent. Throws
 * TaskFailedError for an error of the work; once the process has ended ChildEndedError without an answer, AbortError
 * after `signal`, the system's error if no process could be started.
 */
export function runInChild<Answer>(program: ChildProgram, task: object, signal: AbortSignal): Promise<Answer> {
  const job: Job = {}
  const limitOf = ({ beganMs }: Job) => beganMs && beganMs + program.limitMs - performance.now()
  const facts = () => ({ name: jobName(program, job), state: job.pid ? 'running' : 'queued', deadlineMs: limitOf(job) })
  return during('job', facts, () => answered(program, task, signal, job))
}

/** `pid` and start time, once it runs. */
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
    // A process that never ran does not exit.
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
    // Not `once`: a process that could not be started emits a second error, that of the message to it, and an unhandled
    // one ends the agent.
    child.on('error', (error) => {
      failure ??= error
      // A process that never ran does not emit `exit` either.
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
    // A child that could not be started for lack of descriptors has no channel; its error follows.
    if (child.connected) child.send(task)
  })
}
