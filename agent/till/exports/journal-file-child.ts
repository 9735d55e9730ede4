import { serveTask } from '../../../base/child/serve.ts'
import { checkpointSigner } from '../../journal/checkpoint.ts'
import type { Exported, ExportTask } from '../../journal/export.ts'
import { exportJournal } from '../../journal/export.ts'
import { readCheckpointKey } from '../../state/state-directory.ts'

serveTask(write)

async function write(task: ExportTask): Promise<Exported> {
  return exportJournal({ ...task, signer: checkpointSigner(readCheckpointKey(task.directory)) })
}
