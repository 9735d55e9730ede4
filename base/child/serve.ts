import { writeFileSync } from 'node:fs'
import { takeLowestPriority } from '../lowest-priority.ts'
import { STOP_SIGNALS } from '../stop-signals.ts'
import { codeOf, messageOf } from '../thrown.ts'

/** The message of the child to its parent: the answer, or why there is no answer. */
export type Said<Answer> = { answer: Answer } | { failure: string; code: string }

/**
 * Makes the process end with its parent and only then. Ctrl-C, a closed terminal and service managers signal the whole
 * group, but the parent decides when the work ends.
 */
export function obeyParentAlone(own: NodeJS.Process): void {
  // SIGUSR2 asks the parent what it is doing; without a handler it would end this process.
  for (const signal of [...STOP_SIGNALS, 'SIGUSR2'] as const) own.on(signal, () => undefined)
}

/**
 * The other end of `runInChild`: answers the one task of this process, with lowest priority, and ends. Calls `orphaned`
 * before the end if the parent has ended.
 */
export function serveTask<Task>(work: (task: Task) => Promise<object>, orphaned: () => void = () => undefined): void {
  // biome-ignore lint/style/noRestrictedGlobals: the entry of a child process speaks through its own process object
  const own = process
  obeyParentAlone(own)
  let hasAnswered = false
  own.once('disconnect', () => {
    if (!hasAnswered) orphaned()
    own.exit()
  })
  takeLowestPriority()
  dieFirst()
  own.once('message', (task: Task) => {
    void saidOf(work(task)).then((said) => {
      hasAnswered = true
      own.send?.(said)
      own.disconnect()
    })
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

async function saidOf<Answer>(working: Promise<Answer>): Promise<Said<Answer>> {
  try {
    return { answer: await working }
  } catch (error) {
    return { failure: messageOf(error), code: codeOf(error) ?? 'internal_error' }
  }
}
