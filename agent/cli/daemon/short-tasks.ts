import { statSync } from 'node:fs'
import { runTasksBy, taskHere } from '../../../base/child/run.ts'
import { codeOf } from '../../../base/thrown.ts'
import { logBytes } from '../../journal/disk/wal.ts'
import { journalPath } from '../../journal/journal-file.ts'

/** A journal and its log of some 1,000 events: their files are written in less time than a process starts. */
const SHORT_BYTES = 4 * 1024 * 1024

/**
 * For an agent that no till uses: while its journal is short, exports are written in this process, not in one for each.
 * A longer one keeps the event loop free for the devices and for Ctrl-C.
 */
export function runShortTasksHere(state: string): void {
  if (isShortJournal(state)) runTasksBy(taskHere)
}

/** True if a work on it takes less time than a process starts; also for another user's, which the work then refuses. */
export function isShortJournal(state: string): boolean {
  const journal = journalPath(state)
  try {
    const bytes = statSync(journal, { throwIfNoEntry: false })?.size ?? 0
    return bytes + logBytes(journal) <= SHORT_BYTES
  } catch (error) {
    if (codeOf(error) === 'EACCES') return true
    throw error
  }
}
