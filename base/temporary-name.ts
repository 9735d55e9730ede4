import { readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { codeOf } from './thrown.ts'

const PID_AND_NUMBER = /^\.(\d{1,10})-\d+\.tmp$/
/** Of this process. */
let names = 0

/**
 * Where a file is made on its way to `path`: no other process has that name. What processes that are no more had on the way
 * there is removed: it may hold a key in the clear.
 */
export function temporaryName(path: string): string {
  for (const left of leftBehind(path)) rmSync(left, { force: true })
  names += 1
  return `${path}.${process.pid}-${names}.tmp`
}

function leftBehind(path: string): string[] {
  const [folder, name] = [dirname(path), basename(path)]
  return readdirSync(folder)
    .filter((found) => {
      const pid = found.startsWith(name) ? PID_AND_NUMBER.exec(found.slice(name.length))?.[1] : undefined
      return pid !== undefined && !isRunning(Number(pid))
    })
    .map((found) => join(folder, found))
}

/** Of whom something was found: what a process that is no more has left is nobody's. */
export function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) !== 'ESRCH'
  }
}
