import { writeFileSync } from 'node:fs'
import { takeLowestPriority } from '../lowest-priority.ts'
import { STOP_SIGNALS } from '../stop-signals.ts'
import { codeOf, messageOf } from '../thrown.ts'

/** What the child tells whoever asked: the answer, or why there is none. */
export type Said<Answer> = { answer: Answer } | { failure: string; code: string }

/**
 * Of a process that ends with its parent and only then: Ctrl-C, a closed terminal and service managers signal the whole
 * group, but when the work in hand is over is the parent's to decide.
 */
export function obeyParentAlone(own: NodeJS.Process): void {
  // SIGUSR2 asks the parent what it is at; unheard it would end this process.
  for (const signal of [...STOP_SIGNALS, 'SIGUSR2'] as const) own.on(signal, () => undefined)
}

/**
 * The other end of `runInChild`: answers the one task of this process, with lowest priority, and ends. `orphaned` is
 * called before the end where whoever asked is gone.
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

/** Where memory runs out the kernel takes this process, not the agent, which sells (proc(5), oom_score_adj). */
function dieFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '500')
  } catch {
    // A courtesy, as the lowest priority is.
  }
}

async function saidOf<Answer>(working: Promise<Answer>): Promise<Said<Answer>> {
  try {
    return { answer: await working }
  } catch (error) {
    return { failure: messageOf(error), code: codeOf(error) ?? 'internal_error' }
  }
}
