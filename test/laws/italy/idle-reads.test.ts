import { expect, test } from 'vitest'
import { enrolPrinter } from '../../../agent/devices/enrolment.ts'
import { unitId } from '../../../agent/journal/documents/records.ts'
import { idleTasks } from '../../../agent/laws/italy/idle.ts'
import { openJournal, temporaryDirectory } from '../../journal/temporary-journal.ts'

const PRINTERS = 30
const UNDER_LAW = { fiscalization: { regime: 'RT' }, fiscalization_status: 'fiscalized' }

test('a list of many printers without a Z reads each register once', async () => {
  const journal = await openJournal(await temporaryDirectory())
  for (let number = 0; number < PRINTERS; number++) {
    const [id, device, serial] = [`reg_${number}`, `rt-${number}`, `S${number}`]
    await enrolPrinter(journal, device, serial, 0)
    const index = { kind: 'register' as const, merchant: 'merchant_1', register: id }
    const counted = { set: { last_z: { z: 1, at: '2026-01-01T09:00:00.000Z' } } }
    await journal.record(() => [
      { kind: 'register.created', op: id, body: { index, set: { id, fiscal_device: device, ...UNDER_LAW } } },
      { kind: 'printer.z_counted', op: unitId(serial), body: counted },
    ])
  }
  let reads = 0
  const register: typeof journal.view.register = (...asked) => {
    reads++
    return journal.view.register(...asked)
  }
  const tasks = idleTasks({ ...journal.view, register }, new Map(), Date.parse('2026-03-01T09:00:00Z'))
  expect([tasks.length, reads]).toEqual([PRINTERS, PRINTERS])
  await journal.close()
})
