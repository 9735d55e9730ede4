import { accessSync, closeSync, constants, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { parseRfc3339 } from '../../base/clock.ts'
import { CodedError } from '../../base/thrown.ts'

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

/** Many years of drills; a restore of more is that of another file. */
const BYTES_MAX = 65_536

/**
 * Opens or makes the file for this process, which may be another user later. Undefined if nothing can be written there.
 * Throws `restores_note_unusable` for a file that is not such a note.
 */
export function openEarlierRestores(backup: string): EarlierRestores | undefined {
  const note = restoresNote(backup)
  const descriptor = opened(backup, note)
  if (descriptor === undefined) return undefined
  const { size } = fstatSync(descriptor)
  const lines = size > BYTES_MAX ? [''] : readFileSync(descriptor, 'utf8').split('\n').slice(0, -1)
  // Its last line may be cut by a power cut.
  if (lines.every((line) => parseRfc3339(line) !== undefined))
    return { count: lines.length, add: (at) => isAdded(descriptor, `${at}\n`) }
  closeSync(descriptor)
  throw new CodedError(
    'restores_note_unusable',
    `${note} does not have one time a line, at most ${BYTES_MAX} bytes: this program did not write it. Move it away, and name the newest paper with --last-receipt and --last-closing. Nothing was changed.`,
  )
}

function opened(backup: string, note: string): number | undefined {
  try {
    accessSync(backup)
    const descriptor = openSync(note, FLAGS, 0o644)
    const stats = fstatSync(descriptor)
    // Another user may have put a second name of a file there.
    if (stats.nlink === 1 && stats.isFile()) return descriptor
    return void closeSync(descriptor)
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
