import { takeLowestPriority } from '../lowest-priority.ts'
import { STOP_SIGNALS } from '../stop-signals.ts'

/**
 * Of a process that ends with its parent and only then: Ctrl-C, a closed terminal and service managers signal the whole
 * group, but when the work in hand is over is the parent's to decide.
 */
export function obeyParentAlone(own: NodeJS.Process): void {
  for (const signal of STOP_SIGNALS) own.on(signal, () => undefined)
}

/**
 * The other end of `runInChild`: answers the one task of this process, with lowest priority, and ends. `orphaned` is
 * called before the end where whoever asked is gone.
 */
export function serveTask<Task, Answer extends object>(
  work: (task: Task) => Promise<Answer>,
  orphaned: () => void = () => undefined,
): void {
  // biome-ignore lint/style/noRestrictedGlobals: the entry of a child process speaks through its own process object
  const own = process
  obeyParentAlone(own)
  let hasAnswered = false
  own.once('disconnect', () => {
    if (!hasAnswered) orphaned()
    own.exit()
  })
  takeLowestPriority()
  own.once('message', (task: Task) => {
    void work(task).then((answer) => {
      hasAnswered = true
      own.send?.(answer)
      own.disconnect()
    })
  })
}
