import { runInChild } from '../../base/child/run.ts'
import type { JournalReport } from '../journal/verify/journal.ts'

export type VerifyTask = { directory: string }
/** An error in the books, with its sentence. */
export type BookError = { seq: number; code: string; text: string }
/**
 * `differing`: contradictions in the events; `kept`: those between the journal and the archives that were taken out of
 * TSEs. `failure`: the reason why these were not compared, or why the findings were not remembered.
 */
export type DailyReport = JournalReport & { differing: BookError[]; kept: BookError[]; failure?: string }

const PROGRAM = {
  name: 'verification',
  entry: new URL('./child.ts', import.meta.url),
  heapMb: 64,
  limitMs: 3_600_000,
}

/**
 * Runs `verifyJournal` in a child process, compares the archives that were taken out of TSEs, and remembers the
 * findings in `proof.json`. It resumes where the last run was interrupted: the child keeps the last good event and its
 * hash in `verified.json` until a run is complete. Throws as `runInChild` does, with the codes of `verifyJournal`.
 */
export function verifyInChild(directory: string, signal: AbortSignal): Promise<DailyReport> {
  const task: VerifyTask = { directory }
  return runInChild<DailyReport>(PROGRAM, task, signal)
}
