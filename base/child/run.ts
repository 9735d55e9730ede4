import type { Json } from '../canonical.ts'
import { during } from '../lifetime.ts'
import { Mutex } from '../mutex.ts'
import { Dialogue, ThrownInChild } from './dialogue.ts'
import { childEnvironment, childFlags } from './flags.ts'
import type { TaskModule } from './serve.ts'
import { copyOf } from './serve.ts'

/** A process that does one task and ends. */
export type ChildProgram = {
  /** The technician's word for the task: `export`. */
  name: string
  /** A `TaskModule`. */
  entry: URL
  /** Limit of the V8 heap, in MB. */
  heapMb: number
  /** Above the longest task on a slow disk: a child that still runs then hangs, and is killed. */
  limitMs: number
}

const TASK_PROCESS = new URL('./task-process.ts', import.meta.url)

/**
 * The unit of the service has memory for one child in addition to the tills (MemoryMax): two could take it from them.
 */
const place = new Mutex()

/**
 * Runs `task` in its own process and waits for the answer, which comes as JSON: selling continues, and the memory of the
 * process is freed with it. One at a time, first come, first served. `signal` kills it, and it ends with its parent.
 * Throws ThrownInChild for an error of the work; once the process has ended ChildEndedError without an answer,
 * AbortError after `signal`, the system's error if no process could be started.
 */
export function runInChild<Answer extends Json>(
  program: ChildProgram,
  task: object,
  signal: AbortSignal,
): Promise<Answer> {
  const job: Job = {}
  const limitOf = ({ beganMs }: Job) => beganMs && beganMs + program.limitMs - performance.now()
  const facts = () => ({ name: jobName(program, job), state: job.pid ? 'running' : 'queued', deadlineMs: limitOf(job) })
  return during('job', facts, () => runner(program, task, signal, job) as Promise<Answer>)
}

type Runner = (program: ChildProgram, task: object, signal: AbortSignal, job: Job) => Promise<unknown>
let runner: Runner = answered

/** The tasks of this process run so from now on; without one, in processes. Returns the former one. */
export function runTasksBy(other: Runner = answered): Runner {
  const former = runner
  runner = other
  return former
}

/**
 * Runs a task in this process, with values as a process would get them. That saves a start (0.1 to 0.3 s of CPU time,
 * measured). Nothing limits its time or memory, and `signal` only keeps it from beginning.
 */
export async function taskHere({ entry }: ChildProgram, task: object, signal: AbortSignal): Promise<unknown> {
  signal.throwIfAborted()
  const { work } = (await import(entry.href)) as TaskModule
  try {
    return sent(await work(sent(task) as never))
  } catch (error) {
    throw Object.assign(new ThrownInChild(), copyOf(error))
  }
}

function sent(value: object): unknown {
  return JSON.parse(JSON.stringify(value))
}

/** `pid` and start time, once it runs. */
type Job = { pid?: number | undefined; beganMs?: number }

function jobName({ name }: ChildProgram, { pid }: Job): string {
  return pid === undefined ? name : `${name} (pid ${pid})`
}

async function answered(program: ChildProgram, task: object, signal: AbortSignal, job: Job): Promise<unknown> {
  const leave = await place.enter(signal)
  let child: Dialogue | undefined
  try {
    child = new Dialogue({
      entry: TASK_PROCESS,
      args: [program.entry.href],
      name: program.name,
      signal,
      execArgv: childFlags(program.heapMb),
      env: childEnvironment(),
      timeout: program.limitMs,
      killSignal: 'SIGKILL',
    })
    Object.assign(job, { pid: child.pid, beganMs: performance.now() })
    return await child.ask('task', task)
  } finally {
    // The next child begins when this one has exited.
    void Promise.resolve(child?.leave()).then(leave)
  }
}
