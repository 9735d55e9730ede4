import { accessSync, closeSync, constants, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'

/** Restores of a backup: numbers that the shop gave after an earlier one may be on paper, too. */
export type EarlierRestores = {
  readonly count: number
  /** Durable when it returns; false if the disk does not take it. */
  readonly add: (at: string) => boolean
}

/** One line for each restore, in a file next to the backup: its machine may be lost with its disk. */
export function restoresNote(backup: string): string {
  return `${backup}.restored`
}

const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Opens or makes the file for this process, which may be another user later. Undefined if nothing can be written there. */
export function openEarlierRestores(backup: string): EarlierRestores | undefined {
  try {
    accessSync(backup)
    const descriptor = openSync(restoresNote(backup), FLAGS, 0o644)
    const { nlink } = fstatSync(descriptor)
    // Another user may have put a second name of a file there.
    if (nlink > 1) return void closeSync(descriptor)
    const count = readFileSync(descriptor, 'utf8').split('\n').length - 1
    return { count, add: (at) => isAdded(descriptor, `${at}\n`) }
  } catch {
    return undefined
  }
}

function isAdded(descriptor: number, line: string): boolean {
  try {
    writeSync(descriptor, line)
    fsyncSync(descriptor)
    return true
  } catch {
    return false
  }
}
