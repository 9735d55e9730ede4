import { runInChild } from '../child/run.ts'
import type { JournalReport } from './verify.ts'

export type VerifyTask = { directory: string }
export type VerifyAnswer = { report: JournalReport } | { failure: string }

const PROGRAM = {
  name: 'verification',
  entry: new URL('./verify-child.ts', import.meta.url),
  heapMb: 64,
  limitMs: 3_600_000,
}

class VerificationFailedError extends Error {
  override readonly name = 'VerificationFailedError'
  readonly code = 'verification_failed'
}

/**
 * Runs `verifyJournal` in a child process. It resumes where the last one was interrupted: the child keeps the last good
 * event and its hash in `verified.json`, until a run has come to its end. Throws VerificationFailedError when the child
 * could not finish, and what `runInChild` throws.
 */
export async function verifyInChild(directory: string, signal: AbortSignal): Promise<JournalReport> {
  const task: VerifyTask = { directory }
  const answer = await runInChild<VerifyAnswer>(PROGRAM, task, signal)
  if ('failure' in answer) throw new VerificationFailedError(answer.failure)
  return answer.report
}
