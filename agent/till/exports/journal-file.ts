import { rm } from 'node:fs/promises'
import { runInChild } from '../../../base/child/run.ts'
import type { Exported, ExportTask } from '../../journal/export.ts'

const PROGRAM = {
  name: 'export',
  entry: new URL('./journal-file-child.ts', import.meta.url),
  heapMb: 48,
  limitMs: 3_600_000,
}

/**
 * Runs `exportJournal` in a child process: what it reads of a long journal comes from the disk, and no till waits for that.
 * It is signed with the key of that state directory. Throws what `runInChild` throws, with the codes of `exportJournal`.
 */
export async function writeJournalFile(task: ExportTask, signal: AbortSignal): Promise<Exported> {
  try {
    return await runInChild<Exported>(PROGRAM, task, signal)
  } catch (error) {
    // One that was killed could not clear up.
    await rm(`${task.file}.tmp`, { force: true })
    throw error
  }
}
