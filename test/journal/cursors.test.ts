import { expect, test } from 'vitest'
import { cursorOf, sourceOf, syncedAt } from '../../agent/journal/cursors.ts'
import type { NewEvent } from '../../agent/journal/events.ts'
import { nextOutgoing } from '../../sync/outgoing-events.ts'
import type { Cursor, Source } from '../../sync/source.ts'
import { markEvent, textEvent } from './some-event.ts'
import { appendNote, appendNotes, openJournal, signer, stoppedClock, temporaryDirectory } from './temporary-journal.ts'

const START = '2026-05-04T08:00:00.000Z'
const HALT = { state: 'forked', code: 'fork', message: 'another event 7', evidence: { seq: 7 } } as const

test('a cursor that was saved is found again after a restart, with the reason of a halt, and for its target alone', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  const cursor: Cursor = cursorOf(journal, 'cloud', Date.now)
  expect(cursor.load()).toBeUndefined()
  await cursor.save({ ackedSeq: 1, halt: HALT })
  await journal.close()
  const again = await openJournal(directory)
  expect(cursorOf(again, 'cloud', Date.now).load()).toEqual({ ackedSeq: 1, halt: HALT })
  expect(cursorOf(again, 'disk', Date.now).load()).toBeUndefined()
  await again.close()
})

test('the journal as a source gives batches that verify, bounded in events and in bytes', async () => {
  const journal = await openJournal(await temporaryDirectory(), { agentId: 'agent-7' })
  await appendNotes(journal, 30)
  const source: Source = sourceOf(journal, signer)
  expect(source.chain).toMatchObject({ chainId: journal.chain, agentId: 'agent-7', epoch: 1 })
  const batch = await nextOutgoing(source, 0, { maxEvents: 20, maxBytes: 1_000_000 })
  expect(batch).toMatchObject({ first: 1, last: 20 })
  expect(await source.hashAt(20)).toEqual(batch?.hashes.at(-1))
  expect(await source.hashAt(32)).toBeUndefined()
  expect(source.head()).toEqual({ seq: 31, hash: await source.hashAt(31) })
  expect(await source.read(5, 20, 1)).toHaveLength(1)
  const [sixth, seventh] = await source.read(5, 20, 1_000_000)
  const bytes = Buffer.byteLength(`${sixth?.body}${seventh?.body}`)
  expect((await source.read(5, 20, bytes)).map(({ seq }) => seq)).toEqual([6, 7])
  await journal.close()
})

test('an operation is synced when every target has its last event, at the time of the last of them', async () => {
  const clock = stoppedClock(START)
  const journal = await openJournal(await temporaryDirectory(), { clock })
  const event = (seq: number): NewEvent => ({ ...textEvent(`${seq}`), op: 'op_1' })
  await journal.commit('intent', () => ({ events: [event(2), event(3)], result: undefined }))
  const cloud = cursorOf(journal, 'cloud', clock.now)
  const spare = cursorOf(journal, 'spare', clock.now)
  const when = syncedAt(journal, ['cloud', 'spare'])
  await cloud.save({ ackedSeq: 3 })
  expect([when('op_1'), syncedAt(journal, ['cloud'])('op_1')]).toEqual([undefined, START])
  clock.moveTo('2026-05-04T09:00:00.000Z')
  await spare.save({ ackedSeq: 2 })
  expect(when('op_1')).toBeUndefined()
  await appendNote(journal, 'of another')
  await spare.save({ ackedSeq: 4 })
  expect([when('op_1'), when('op_2'), when(''), syncedAt(journal, [])('op_1')]).toEqual([
    '2026-05-04T09:00:00.000Z',
    ...[undefined, undefined, undefined],
  ])
  await journal.close()
})

test('events that a target lost are no longer synced, and get the time at which they came back', async () => {
  const clock = stoppedClock(START)
  const journal = await openJournal(await temporaryDirectory(), { clock })
  await journal.commit('intent', () => ({
    events: [markEvent('op_1', {})],
    result: undefined,
  }))
  const cloud = cursorOf(journal, 'cloud', clock.now)
  const when = syncedAt(journal, ['cloud'])
  await cloud.save({ ackedSeq: 2 })
  expect(when('op_1')).toBe(START)
  await cloud.save({ ackedSeq: 0 })
  expect(when('op_1')).toBeUndefined()
  clock.moveTo('2026-05-05T08:00:00.000Z')
  await cloud.save({ ackedSeq: 2 })
  expect(when('op_1')).toBe('2026-05-05T08:00:00.000Z')
  await journal.close()
})
