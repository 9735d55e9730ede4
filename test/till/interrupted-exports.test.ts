import { randomBytes } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import type { NewEvent } from '../../agent/journal/events.ts'
import { openStateDirectory } from '../../agent/state/state-directory.ts'
import type { ExportsOptions } from '../../agent/till/exports/exports.ts'
import { Exports } from '../../agent/till/exports/exports.ts'
import { rfc3339, systemClock } from '../../base/clock.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'
import { heavy } from '../tags.ts'

const JOBS = 10_001
const DAY_MS = 86_400_000
const RANGE = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }

test('a job that a crash interrupted is made, however many were made before it', heavy(), async () => {
  const directory = await temporaryDirectory()
  const signer = checkpointSigner(openStateDirectory(directory, randomBytes).checkpointKey)
  const journal = await openJournal(directory, { signer })
  const index = { kind: 'export', merchant: 'merchant_1' } as const
  const requested = (id: string, status: string): NewEvent => {
    const set = { id, type: 'journal', status, ...RANGE, created_at: RANGE.from }
    return { kind: 'export.requested', op: id, body: { index, set, own: { merchant_id: 'merchant_1' } } }
  }
  const last = `exp_${JOBS}`
  const made = Array.from({ length: JOBS }, (_, job) => requested(`exp_${job}`, 'completed'))
  await journal.commit('intent', () => ({ events: [...made, requested(last, 'pending')], result: undefined }))
  const exports = exportsOf(directory, journal, systemClock)
  exports.start()
  await expect.poll(() => journal.view.document(last)?.parts.shown['status']).toBe('completed')
  await exports.stop()
  await journal.close()
})

test('the file of an export is removed after seven days: at the start, and on a day on which none is made', async () => {
  const [directory, clock] = [await temporaryDirectory(), new ManualClock()]
  const journal = await openJournal(directory, { clock })
  const index = { kind: 'export', merchant: 'merchant_1' } as const
  const ended = (id: string, days: number): NewEvent => {
    const set = { id, type: 'journal', status: 'completed', completed_at: rfc3339(clock.now() - days * DAY_MS) }
    return { kind: 'export.requested', op: id, body: { index, set } }
  }
  await journal.commit('intent', () => ({ events: [ended('exp_1', 8), ended('exp_2', 6.5)], result: undefined }))
  for (const id of ['exp_1', 'exp_2']) await writeFile(join(directory, `${id}.ndjson`), '')
  const exportFiles = async () => (await readdir(directory)).filter((name) => name.startsWith('exp_'))
  const exports = exportsOf(directory, journal, clock)
  exports.start()
  await expect.poll(exportFiles).toEqual(['exp_2.ndjson'])
  await clock.advance(DAY_MS + 1)
  await expect.poll(exportFiles).toEqual([])
  await exports.stop()
  await journal.close()
})

function exportsOf(directory: string, journal: ExportsOptions['journal'], clock: ExportsOptions['clock']): Exports {
  const never = (): never => {
    throw new Error('nobody asked for this')
  }
  const options: Partial<ExportsOptions> = {
    ...{ journal, clock, stateDirectory: directory, exportDirectory: directory },
    ...{ linkKey: randomBytes(32), baseUrl: () => '', onError: never },
    types: {},
  }
  return new Exports(options as ExportsOptions)
}
