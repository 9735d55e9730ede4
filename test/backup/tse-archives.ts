import { createHash, randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CheckpointSigner } from '../../agent/journal/checkpoint.ts'
import type { Members } from '../../agent/journal/events.ts'
import { openJournal } from '../journal/temporary-journal.ts'

const SERIAL = 'ab'.repeat(32)
export const FOLDER = SERIAL.slice(0, 16)

export type Facts = Members & { file: string; sha256: string }

/** An archive as the agent keeps it: its logs are no longer in the TSE. */
export async function keepArchive(state: string, name: string, bytes: number): Promise<Facts> {
  const content = randomBytes(bytes)
  const file = `${FOLDER}/${name}.tar`
  await mkdir(join(state, 'archives', FOLDER), { recursive: true })
  await writeFile(join(state, 'archives', file), content)
  const sha256 = createHash('sha256').update(content).digest('hex')
  return { file, bytes, sha256, deleted_at: '2026-03-01T08:00:00.000Z' }
}

/** Records the archives in the journal of an idle state. */
export async function tellArchives(
  state: string,
  signer: CheckpointSigner,
  archives: readonly Facts[],
  more: Members = {},
): Promise<void> {
  const journal = await openJournal(state, { signer })
  const event = {
    kind: 'tse.deleted' as const,
    op: `tse_${SERIAL}`,
    body: { set: { archives: [...archives], ...more } },
  }
  await journal.record(() => [event])
  await journal.close()
}
