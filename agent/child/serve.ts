import { takeLowestPriority } from '../lowest-priority.ts'

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
