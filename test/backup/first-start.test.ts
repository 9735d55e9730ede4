import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { reopenJournal } from '../../agent/backup/hand-over.ts'
import { readSyncBacklog } from '../../agent/journal/cursors.ts'
import { openForWriting } from '../../agent/journal/database.ts'
import { openStateDirectory } from '../../agent/state/state-directory.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { backUp, handOver, PARTS, restore } from './parts.ts'
import { restingState } from './resting-state.ts'

/** A state after a first start that was killed, and during one. */
const BEGUN: Readonly<Record<string, (state: string) => unknown>> = {
  'before its tables are made': (state) => writeFile(join(state, 'journal.db'), ''),
  'before its first event': (state) => openForWriting({ directory: state, fault: () => undefined }).close(),
}

describe.each(Object.entries(BEGUN))('a journal whose first start is %s', (_, begin) => {
  async function startShop(): Promise<string> {
    const state = join(await temporaryDirectory(), 'state')
    await mkdir(state)
    openStateDirectory(state, randomBytes)
    await begin(state)
    return state
  }

  test('is not reported as damaged', async () => {
    const state = await startShop()
    const missing = { code: 'journal_missing' }
    await expect(backUp(state, state)).rejects.toMatchObject(missing)
    expect(() => readSyncBacklog(state)).toThrow(expect.objectContaining(missing))
  })

  test('is not ended and not reopened: its first event named no agent', async () => {
    const state = await startShop()
    const parts = { ...PARTS, stateDirectory: state, path: join(state, 'last.backup'), passphrase: undefined }
    await expect(handOver(parts)).rejects.toMatchObject({ code: 'journal_missing' })
    await expect(reopenJournal(parts)).rejects.toMatchObject({ code: 'journal_missing' })
  })

  test('blocks no restore', async () => {
    const { state: other } = await restingState()
    const { file } = await backUp(other, await temporaryDirectory())
    expect(await restore(await startShop(), file)).toMatchObject({ epoch: 2 })
  })
})
