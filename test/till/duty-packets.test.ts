import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packetOf } from '../../agent/journal/duty-packets.ts'
import type { Renewal } from '../../agent/journal/event-facts.ts'
import { appendNote, openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { account, deskOf, unitDuty } from './duty-bench.ts'

const renewal: Renewal = {
  reason: 'restore',
  ...{ backup_created_at: '2026-11-27T10:00:00Z', events_filled: 0, lost: 'nothing', sealed: true },
}

test('a backup that is restored twice sends no packet under a number that one of the lives had', async () => {
  const folder = await temporaryDirectory()
  const backup = join(folder, 'backup')
  await mkdir(backup)
  const first = await openJournal(backup)
  await appendNote(first, 'before')
  await first.close()
  const packets: number[] = []
  for (const life of ['one', 'two', 'three']) {
    const directory = join(folder, life)
    await cp(backup, directory, { recursive: true })
    const journal = await openJournal(directory, life === 'one' ? {} : { renewal })
    const { account: shop, own } = account({
      send: (request, packet, id, signal) => {
        packets.push(packet)
        return own.send(request, packet, id, signal)
      },
    })
    // Each life registers another unit: the packets are of other acts.
    const { desk, until } = await deskOf(shop, () => [unitDuty(`a${life}`)], { journal })
    desk.start()
    await until(`finanzonline-unit-AT1-a${life}`, 'sent')
    await desk.stop()
  }
  expect(new Set(packets).size).toBe(packets.length)
  expect(packets[0]).toBe(3)
})

test('the number of a packet has at most nine digits, and is the seq in the first epoch', () => {
  const first = { epoch: 1, chain: 'a' }
  expect([1, 170, 999_999_999, 1_000_000_000].map((seq) => packetOf(seq, first))).toEqual([1, 170, 999_999_999, 2])
  const later = packetOf(170, { epoch: 2, chain: '0b7f7b1e-9c55-4c57-a4a6-0e1d4f1d6a01' })
  expect(later).not.toBe(170)
  expect(later).toBeLessThanOrEqual(999_999_999)
})
