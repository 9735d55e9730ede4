import { serveTask } from '../child/serve.ts'
import { checkpointSigner } from '../journal/checkpoint.ts'
import type { ExportTask } from '../journal/export.ts'
import { exportJournal } from '../journal/export.ts'
import { readCheckpointKey } from '../state/state-directory.ts'
import { codeOf, messageOf } from '../thrown.ts'
import type { JournalAnswer } from './journal-file.ts'

serveTask(write)

async function write(task: ExportTask): Promise<JournalAnswer> {
  try {
    const signer = checkpointSigner(readCheckpointKey(task.directory))
    return { exported: await exportJournal({ ...task, signer }) }
  } catch (error) {
    return { failure: messageOf(error), code: codeOf(error) ?? 'internal_error' }
  }
}
