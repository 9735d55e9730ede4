import { expect, test } from 'vitest'
import type { Renewal } from '../../../agent/journal/event-facts.ts'
import { epochTasks } from '../../../agent/sync/epoch-tasks.ts'
import { BUILT_IN_LAWS } from '../../built-in-laws.ts'
import { openJournal, temporaryDirectory } from '../../journal/temporary-journal.ts'

test('the task after a rollback names for each law the place of its documents', async () => {
  const journal = await openJournal(await temporaryDirectory())
  expect(epochTasks(journal, BUILT_IN_LAWS)).toEqual([])
  await journal.beginEpoch({ reason: 'rollback' } as Renewal)
  const [task] = epochTasks(journal, BUILT_IN_LAWS)
  expect(task).toMatchObject({ id: 'epoch-2' })
  const told = task?.instructions.join('\n')
  expect(told).toContain('Germany: ')
  expect(told).toContain('device adopt')
  expect(told).toContain('Austria: ')
  expect(told).toContain('Italy: ')
  expect(told).toContain('fiskal-edge device last-document ID')
  await journal.close()
})

test('the task after a restore begins with the instructions for its devices, and each of a law names it', async () => {
  const journal = await openJournal(await temporaryDirectory())
  await journal.beginEpoch({ reason: 'restore', lost: 'unknown' } as Renewal)
  const [first, ...others] = epochTasks(journal, BUILT_IN_LAWS)[0]?.instructions ?? []
  expect(first).toMatch(/^Germany: the first start took over what the TSE signed/)
  const ofLaws = others.slice(0, -2).map((text) => text.split(':')[0])
  expect([...new Set(ofLaws)].sort()).toEqual(['Austria', 'Germany', 'Italy'])
  expect(others[1]).toMatch(/^Italy: the first start/)
  await journal.close()
})
