import { expect, test, vi } from 'vitest'
import type { KindWithoutFacts, Renewal } from '../../agent/journal/event-facts.ts'
import type { Marks } from '../../agent/journal/events.ts'
import { Changes } from '../../agent/till/reading/changes.ts'
import { textEvent } from '../journal/some-event.ts'
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

  // The backup was of event 5; events 6 and 7 of the old journal are lost.
  await journal.beginEpoch({ reason: 'rollback' } as Renewal)
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

test('a resource that was changed a hundred times is read once for all its changes, each time as it was', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const append = (kind: KindWithoutFacts, body: Marks) => journal.record(() => [{ kind, op: 'reg_1', body }])
  await journal.record(() => [
    { kind: 'merchant.created', op: 'merchant_1', body: { index: { kind: 'merchant' }, set: {} } },
  ])
  const index = { kind: 'register' as const, merchant: 'merchant_1', register: 'reg_1' }
  const members = { id: 'reg_1', merchant_id: 'merchant_1', fiscalization_status: 'not_fiscalized' }
  await append('register.created', { index, set: members })
  for (let patch = 0; patch < 50; patch++) await append('register.updated', { set: { name: `Kasse ${patch}` } })
  await append('register.fiscalized', { set: { fiscalization_status: 'fiscalized' } })
  for (let patch = 0; patch < 50; patch++) await append('register.updated', { set: { name: `Kasse ${patch}` } })

  const document = vi.spyOn(journal.view, 'document')
  const caller = { kind: 'register' as const, keyId: 'K', registerId: 'reg_1' }
  const states = (after: number) =>
    new Changes(journal)
      .asStream()
      .after({ caller, merchantId: undefined }, after, 200)
      .changes.map(({ data }) => data.state)
  const before = Array.from({ length: 51 }, () => 'not_fiscalized')
  const behind = Array.from({ length: 51 }, () => 'fiscalized')
  expect(states(0)).toEqual([...before, ...behind])
  expect(states(22)).toEqual([...before.slice(20), ...behind])
  expect(document.mock.calls.length).toBeLessThanOrEqual(2)
  await journal.close()
})

test('few long events are looked at per turn, and all after several turns', async () => {
  const journal = await openJournal(await temporaryDirectory())
  await journal.record(() => Array.from({ length: 20 }, () => textEvent('x'.repeat(30_000))))
  const changes = new Changes(journal).asStream()
  const caller = { kind: 'platform' as const, keyId: 'K' }
  const places = [0]
  for (let at = 0; at < changes.head(); places.push(at))
    at = changes.after({ caller, merchantId: undefined }, at, 100).upTo
  const steps = places.slice(1).map((place, index) => place - (places[index] ?? 0))
  expect([Math.max(...steps) <= 6, places.at(-1)]).toEqual([true, changes.head()])
  await journal.close()
})
