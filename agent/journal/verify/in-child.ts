import { runInChild } from '../../child/run.ts'
import type { JournalReport } from './journal.ts'

export type VerifyTask = { directory: string }

const PROGRAM = {
  name: 'verification',
  entry: new URL('./child.ts', import.meta.url),
  heapMb: 64,
  limitMs: 3_600_000,
}

/**
 * Runs `verifyJournal` in a child process. It resumes where the last one was interrupted: the child keeps the last good
 * event and its hash in `verified.json`, until a run has come to its end. Throws what `runInChild` throws, with the codes
 * of `verifyJournal`.
 */
export function verifyInChild(directory: string, signal: AbortSignal): Promise<JournalReport> {
  const task: VerifyTask = { directory }
  return runInChild<JournalReport>(PROGRAM, task, signal)
}
