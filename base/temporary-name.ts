import { accessSync, constants, readdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { codeOf } from './thrown.ts'

const PID_AND_NUMBER = /^\.(\d{1,10})-\d+\.tmp$/
/** Number of names given by this process. */
let names = 0

/**
 * A name for a file on its way to `path`; no other process has it. Files that ended processes left on the way are
 * removed: they may hold an unencrypted key.
 */
export function temporaryName(path: string): string {
  for (const leftover of leftoversOf(path)) rmSync(leftover, { force: true })
  names += 1
  return `${path}.${process.pid}-${names}.tmp`
}

function leftoversOf(path: string): string[] {
  const [folder, name] = [dirname(path), basename(path)]
  return readdirSync(folder)
    .filter((file) => {
      const pid = file.startsWith(name) ? PID_AND_NUMBER.exec(file.slice(name.length))?.[1] : undefined
      return pid !== undefined && !isRunning(Number(pid))
    })
    .map((file) => join(folder, file))
}

/** The files of a process that has ended belong to no one. */
export function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) !== 'ESRCH'
  }
}

/** The folder in which SQLite makes a database without a name: the first of these in which it may write. */
export function sqliteFolder(): string {
  const { SQLITE_TMPDIR, TMPDIR } = process.env
  const folders = [SQLITE_TMPDIR, TMPDIR, '/var/tmp', '/usr/tmp', '/tmp']
  return folders.find((folder) => folder !== undefined && isWritable(folder)) ?? '.'
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return statSync(folder).isDirectory()
  } catch {
    return false
  }
}
