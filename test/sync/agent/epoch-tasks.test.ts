import { expect, test } from 'vitest'
import type { Renewal } from '../../../agent/journal/event-facts.ts'
import { epochTasks } from '../../../agent/sync/epoch-tasks.ts'
import { openJournal, temporaryDirectory } from '../../journal/temporary-journal.ts'

test('the task after a rollback names for each law the place of its documents', async () => {
  const journal = await openJournal(await temporaryDirectory())
  expect(epochTasks(journal)).toEqual([])
  await journal.beginEpoch({ reason: 'rollback' } as Renewal)
  const [task] = epochTasks(journal)
  expect(task).toMatchObject({ id: 'epoch-2' })
  const told = task?.instructions.join('\n')
  expect(told).toContain('Germany: ')
  expect(told).toContain('tse-pkcs11')
  expect(told).toContain('Austria: ')
  expect(told).toContain('Italy: ')
  expect(told).toContain('fiskal-edge device last-document ID')
  await journal.close()
})
