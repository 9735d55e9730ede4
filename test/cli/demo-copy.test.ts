import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { proveCopy } from '../../agent/cli/demo/offline.ts'
import { exportJournal } from '../../agent/journal/export.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import { appendNote, openJournal, signer, temporaryDirectory } from '../journal/temporary-journal.ts'

async function shop() {
  const state = await temporaryDirectory()
  const journal = await openJournal(state)
  await appendNote(journal, 'sold')
  return { state, journal, file: join(state, 'copy.ndjson') }
}

async function copied(state: string): Promise<Uint8Array> {
  const file = join(state, 'out.ndjson')
  await exportJournal({ directory: state, file, range: {}, signer })
  return readFile(file)
}

/** The agent appends an event after each of the first `late` copies. */
function copies(state: string, journal: Journal, late: number) {
  let serial = 0
  return async () => {
    const copy = await copied(state)
    serial += 1
    if (serial <= late) await appendNote(journal, 'sold')
    return copy
  }
}

test('an event that the agent appends after the copy is in the next copy', async () => {
  const { state, journal, file } = await shop()
  expect(await proveCopy(copies(state, journal, 2), file, state)).toMatch(/^4 events verify, head .{16}… as in the/)
  await journal.close()
})

test('a copy that never catches up is not proven', async () => {
  const { state, journal, file } = await shop()
  await expect(proveCopy(copies(state, journal, 99), file, state)).rejects.toThrow('the head of the copy is')
  await journal.close()
})
