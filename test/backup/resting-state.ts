import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CheckpointSigner } from '../../agent/journal/checkpoint.ts'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import type { JournalOptions } from '../../agent/journal/journal-options.ts'
import { openStateDirectory } from '../../agent/state/state-directory.ts'
import { appendNotes, openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'

/** An idle state directory: 201 events, a sealed secret, a device's key with a canary in it. */
export async function restingState(
  clock?: JournalOptions['clock'],
): Promise<{ state: string; signer: CheckpointSigner; canary: string }> {
  const state = await temporaryDirectory()
  const canary = `canary-${randomBytes(8).toString('hex')}`
  const directory = openStateDirectory(state, (length) => randomBytes(length))
  await directory.seal('aes-reg_1', { aes_key: canary })
  await mkdir(join(state, 'devices', 'tse-1'), { recursive: true })
  await writeFile(join(state, 'devices', 'tse-1', 'key'), canary)
  const signer = checkpointSigner(directory.checkpointKey)
  const journal = await openJournal(state, { signer, ...(clock && { clock }) })
  await appendNotes(journal, 200)
  await journal.close()
  return { state, signer, canary }
}
