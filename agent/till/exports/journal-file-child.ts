import { checkpointSigner } from '../../journal/checkpoint.ts'
import type { Exported, ExportTask } from '../../journal/export.ts'
import { exportJournal } from '../../journal/export.ts'
import { readCheckpointKey } from '../../state/state-directory.ts'

export async function work(task: ExportTask): Promise<Exported> {
  return exportJournal({ ...task, signer: checkpointSigner(readCheckpointKey(task.directory)) })
}
