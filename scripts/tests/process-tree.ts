import { readdirSync, readFileSync } from 'node:fs'

const TICK_MS = 10
/** utime, stime, and those of children that have ended, after the name in parentheses (proc_pid_stat(5), fields 14 to 17). */
const TIMES = [11, 15] as const

/** Computing of a process and of those that it started, also of those that have ended. */
export function treeMs(pid: number): number {
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
