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
 * Runs `exportJournal` in a child process: reading a long journal loads the disk, and tills must not wait for it. It is
 * signed with the key of that state directory. Throws the errors of `runInChild`, with the codes of `exportJournal`.
 */
export async function writeJournalFile(task: ExportTask, signal: AbortSignal): Promise<Exported> {
  try {
    return await runInChild<Exported>(PROGRAM, task, signal)
  } catch (error) {
    // A killed child could not remove its file.
    await rm(`${task.file}.tmp`, { force: true })
    throw error
  }
}
