import { rm } from 'node:fs/promises'
import { runInChild } from '../child/run.ts'
import type { Exported, ExportTask } from '../journal/export.ts'

/** Signed with the key of that state directory. */
export type JournalAnswer = { exported: Exported } | { failure: string; code: string }

const PROGRAM = {
  name: 'export',
  entry: new URL('./journal-file-child.ts', import.meta.url),
  heapMb: 48,
  limitMs: 3_600_000,
}

class ExportFailedError extends Error {
  override readonly name = 'ExportFailedError'
  readonly code: string

  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

/**
 * Runs `exportJournal` in a child process: what it reads of a long journal comes from the disk, and no till waits for that.
 * Throws ExportFailedError with the code of what `exportJournal` throws, and what `runInChild` throws.
 */
export async function writeJournalFile(task: ExportTask, signal: AbortSignal): Promise<Exported> {
  const answer = await runInChild<JournalAnswer>(PROGRAM, task, signal).catch(async (error: unknown) => {
    // One that was killed could not clear up.
    await rm(`${task.file}.tmp`, { force: true })
    throw error
  })
  if ('failure' in answer) throw new ExportFailedError(answer.failure, answer.code)
  return answer.exported
}
