import { randomBytes } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { systemClock } from '../../agent/clock.ts'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import { openStateDirectory } from '../../agent/state/state-directory.ts'
import type { ExportsOptions } from '../../agent/till/exports/exports.ts'
import { Exports } from '../../agent/till/exports/exports.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'

const JOBS = 10_001
const PATIENCE_MS = 60_000
const RANGE = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }

test('a job that a crash interrupted is made, however many were made before it', async () => {
  const directory = await temporaryDirectory()
  const signer = checkpointSigner(openStateDirectory(directory, randomBytes).checkpointKey)
  const journal = await openJournal(directory, { signer })
  const index = { type: 'export', merchant: 'merchant_1' } as const
  const requested = (id: string, status: string) => {
    const set = { id, type: 'journal', status, ...RANGE, created_at: RANGE.from, $merchant: 'merchant_1' }
    return { kind: 'export.requested', op: id, body: { index, set } }
  }
  const last = `exp_${JOBS}`
  const made = Array.from({ length: JOBS }, (_, job) => requested(`exp_${job}`, 'completed'))
  await journal.commit('intent', () => ({ events: [...made, requested(last, 'pending')], result: undefined }))
  const never = (): never => {
    throw new Error('nobody asked for this')
  }
  const options: Partial<ExportsOptions> = {
    ...{ journal, clock: systemClock, stateDirectory: directory, exportDirectory: directory },
    ...{ linkKey: randomBytes(32), baseUrl: () => '', onError: never, devices: new Map() },
    tseMemory: { export: never, stop: async () => undefined },
  }
  const exports = new Exports(options as ExportsOptions)
  exports.resume()
  await vi.waitFor(() => expect(journal.view.document(last)?.['status']).toBe('completed'), PATIENCE_MS)
  await exports.stop()
  await journal.close()
})
