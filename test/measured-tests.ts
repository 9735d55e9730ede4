import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeAll, beforeEach } from 'vitest'
import { servedBy } from './forks/fork-server.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** Computing of the test and of the processes that it started. */
    cpuMs?: number
    /** That of the hooks of its file before it. */
    hooksMs?: number
  }
}

const TICK_MS = 10
/** utime, stime, and those of children that have ended, after the name in parentheses (proc_pid_stat(5), fields 14 to 17). */
const TIMES = [11, 15] as const

function treeMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const own = fields.slice(...TIMES).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS
    const threads = readdirSync(`/proc/${pid}/task`)
    const children = threads.flatMap((id) =>
      readFileSync(`/proc/${pid}/task/${id}/children`, 'latin1')
        .trim()
        .split(' ')
        .filter((text) => text !== ''),
    )
    return children.reduce((sum, child) => sum + treeMs(Number(child)), own)
  } catch {
    // It has ended: its parent has its times.
    return 0
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
