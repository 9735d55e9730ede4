import { expect, test } from 'vitest'
import { Changes } from '../../agent/till/changes.ts'
import { appendNotes, openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'

test('a place names an event of one history: after a restored backup the same number is another place', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  const changes = new Changes(journal).asStream()
  await appendNotes(journal, 4)
  expect([changes.placeOf(3), changes.seqOf('3'), changes.seqOf('0'), changes.seqOf('9')]).toEqual([
    '3',
    3,
    0,
    undefined,
  ])

  // The backup was of event 5; what the old journal had as 6 and 7 is lost.
  await journal.beginEpoch({ reason: 'rollback' })
  await appendNotes(journal, 4)
  expect([changes.placeOf(5), changes.placeOf(7)]).toEqual(['5', '2-7'])
  expect([changes.seqOf('5'), changes.seqOf('2-7')]).toEqual([5, 7])
  expect([changes.seqOf('7'), changes.seqOf('2-5'), changes.seqOf('3-7'), changes.seqOf('x')]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  await journal.close()
})
