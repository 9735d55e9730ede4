import { expect, test } from 'vitest'
import type { Renewal } from '../../../agent/journal/event-facts.ts'
import { LAWS } from '../../../agent/laws/laws.ts'
import { epochTasks } from '../../../agent/sync/epoch-tasks.ts'
import { openJournal, temporaryDirectory } from '../../journal/temporary-journal.ts'

test('the task after a rollback names for each law the place of its documents', async () => {
  const journal = await openJournal(await temporaryDirectory())
  expect(epochTasks(journal, LAWS)).toEqual([])
  await journal.beginEpoch({ reason: 'rollback' } as Renewal)
  const [task] = epochTasks(journal, LAWS)
  expect(task).toMatchObject({ id: 'epoch-2' })
  const told = task?.instructions.join('\n')
  expect(told).toContain('Germany: ')
  expect(told).toContain('tse-pkcs11')
  expect(told).toContain('Austria: ')
  expect(told).toContain('Italy: ')
  expect(told).toContain('fiskal-edge device last-document ID')
  await journal.close()
})

test('the task after a restore begins with the instruction for its devices', async () => {
  const journal = await openJournal(await temporaryDirectory())
  await journal.beginEpoch({ reason: 'restore', lost: 'unknown' } as Renewal)
  const [first, ...others] = epochTasks(journal, LAWS)[0]?.instructions ?? []
  expect(first).toMatch(/^Germany: a TSE that is foreign now has signed more/)
  expect(others.slice(0, 3).map((text) => text.split(':')[0])).toEqual(['Germany', 'Austria', 'Italy'])
  await journal.close()
})
