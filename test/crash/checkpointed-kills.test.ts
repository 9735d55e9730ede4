import { expect, test } from 'vitest'
import { readHead } from '../../agent/journal/journal-file.ts'
import { appendNotes, openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { heavy } from '../tags.ts'
import { contradictions } from './checkpointed-journal.ts'
import { CheckpointedRun } from './checkpointed-run.ts'

const SECONDS = 10

// `node test/crash/checkpointed-kills.ts --seconds 3600` does the same for longer.
test(
  'writer and checkpoint are killed again and again, and count, head and each synced commit hold',
  heavy(),
  async () => {
    const { broken, kills, checkpoints, snapshots } = await new CheckpointedRun(20_261_127).run(SECONDS)
    expect(broken).toEqual([])
    expect(kills).toBeGreaterThan(1)
    expect(checkpoints).toBeGreaterThan(0)
    expect(snapshots).toBeGreaterThan(0)
  },
)

test('a head before the watermark and an event with another hash are contradictions, a newer head is not', async () => {
  const journal = await openJournal(await temporaryDirectory())
  await appendNotes(journal, 3)
  const head = journal.read(readHead)
  const hash = head.hash.toString('base64url')
  const contradictionsFound = (seq: number, of: string) => journal.read((db) => contradictions(db, { seq, hash: of }))
  expect(contradictionsFound(head.seq, hash)).toEqual([])
  expect(contradictionsFound(head.seq, 'other')).toHaveLength(1)
  expect(contradictionsFound(head.seq + 1, hash)).toEqual([
    expect.stringContaining('the head is'),
    expect.stringContaining('hash'),
  ])
  await appendNotes(journal, 1)
  expect(contradictionsFound(head.seq, hash)).toEqual([])
  await journal.close()
})
