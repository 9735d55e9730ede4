import { afterEach, beforeAll, beforeEach } from 'vitest'
import { treeMs } from '../scripts/tests/process-tree.ts'
import { servedBy } from './forks/fork-server.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** Computing of the test and of the processes that it started. */
    cpuMs?: number
    /** That of the hooks of its file before it. */
    hooksMs?: number
  }
}

let sinceMs = 0
/** Since the last call. */
function lapMs(): number {
  const nowMs = [process.pid, ...servedBy].reduce((sum, pid) => sum + treeMs(pid), 0)
  const passedMs = Math.max(0, nowMs - sinceMs)
  sinceMs = nowMs
  return passedMs
}

beforeAll(() => void lapMs())
beforeEach(({ task }) => {
  task.meta.hooksMs = lapMs()
})
afterEach(({ task }) => {
  task.meta.cpuMs = lapMs()
})
