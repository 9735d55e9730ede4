import { readFileSync } from 'node:fs'
import { memoryOf } from './processes.ts'

const TICK_MS = 10

/** ms of CPU: of a process, and of its children that have ended (utime to cstime of proc(5)). */
export type FamilyCpu = { readonly own: number; readonly ended: number }

export function familyCpuOf(pid: number): FamilyCpu {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may contain any character; after it utime is the 12th field.
  const [utime, stime, cutime, cstime] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number) as [number, number, number, number]
  return { own: (utime + stime) * TICK_MS, ended: (cutime + cstime) * TICK_MS }
}

const SAMPLE_MS = 100

/** Watches all descendants of this process. Returns a function that ends it: MB that they held at once, at most. */
export function watchMemory(): () => number {
  let most = 0
  const sampling = setInterval(() => {
    try {
      const megabytes = descendantsOf(process.pid).map((pid) => memoryOf(pid).pss)
      most = Math.max(
        most,
        megabytes.reduce((sum, one) => sum + one, 0),
      )
    } catch {
      // One of them ended in between.
    }
  }, SAMPLE_MS)
  return () => {
    clearInterval(sampling)
    return most
  }
}

function descendantsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  return children.flatMap((child) => [child, ...descendantsOf(child)])
}
