// @module-tag heavy
import { mkdir, rename, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fiskalEdge } from '../../cli/command.ts'
import type { Armed } from '../../crash/daemon.ts'
import { smoke } from '../../tags.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Call } from '../client.ts'
import { completion } from '../client.ts'
import { goods, pay } from '../goods.ts'
import { Lives } from './lives.ts'

/** Before and after each commit of a sale, and on either side of its signature. */
const DEATHS: readonly Armed[] = [
  { points: ['journal.after-commit'], hit: 1, from: 'ready' },
  { points: ['journal.before-commit'], hit: 2, from: 'ready' },
  { points: ['journal.after-commit'], hit: 2, from: 'ready' },
  { points: ['device.before-sign'], hit: 1, from: 'ready' },
  { points: ['device.after-sign'], hit: 1, from: 'ready' },
  { points: ['journal.before-commit'], hit: 3, from: 'ready' },
  { points: ['journal.after-commit'], hit: 3, from: 'ready' },
]
test('killed anywhere in a sale, the register signs each receipt once: no number twice, the counter moves once', async () => {
  const shop = new Lives()
  const id = await shop.open()
  for (const [index, death] of DEATHS.entries()) {
    await shop.bury()
    await shop.live(death)
    const path = '/v1/operations'
    const open = await shop.insist({ path, body: goods('sale', id, [['1.00', '0.20']]), key: `sale-${index}` })
    const call = completion({ id: String(open.json['id']) }, [pay('cash', '1.00')])
    const done = await shop.insist(call)
    expect((await shop.insist(call)).text).toBe(done.text)
    expect(done.json['fiscal_information']).toMatchObject({ receipt_number: String(index + 2) })
  }
  const report = await shop.verifiedDep(id)
  await shop.bury()
  const cents = BigInt(DEATHS.length * 100)
  expect(report).toMatchObject({ valid: true, receipts: DEATHS.length + 1, outageReceipts: 0, turnoverCents: cents })
  expect(await verifyJournal(shop.place.state)).toMatchObject({ valid: true })
})

const WAITING = 6
/**
 * After as many commits of creations. A group of receipts that wait holds the outcome of one and the plan of the next.
 */
const DEATHS_OF_A_LANE: readonly Armed[] = [
  { points: ['journal.before-commit'], hit: WAITING + 3, from: 'ready' },
  { points: ['journal.after-commit'], hit: WAITING + 3, from: 'ready' },
  { points: ['device.before-sign'], hit: 2, from: 'ready' },
  { points: ['device.after-sign'], hit: 3, from: 'ready' },
]
test(
  'killed while receipts of one register wait for each other: each is made once, in one chain',
  smoke(),
  async () => {
    const shop = new Lives()
    const id = await shop.open()
    const answered = new Map<Call, string | undefined>()
    for (const [index, death] of DEATHS_OF_A_LANE.entries()) {
      await shop.bury()
      await shop.live(death)
      const calls: Call[] = []
      while (calls.length < WAITING) {
        const open = await shop.office.create(goods('sale', id, [['1.00', '0.20']]))
        calls.push({ ...completion(open, [pay('cash', '1.00')]), key: `end-${index}-${calls.length}` })
      }
      const answers = await Promise.all(calls.map((call) => shop.office.call(call).catch(() => undefined)))
      expect(answers).toContain(undefined)
      for (const [index, call] of calls.entries()) answered.set(call, answers[index]?.text)
      await shop.death()
    }
    await shop.live()
    for (const [call, text] of answered) {
      const again = await shop.insist(call)
      if (text !== undefined) expect(again.text).toBe(text)
    }
    const report = await shop.verifiedDep(id)
    await shop.bury()
    const turnoverCents = BigInt(answered.size * 100)
    expect(report).toMatchObject({ valid: true, receipts: answered.size + 1, outageReceipts: 0, turnoverCents })
    expect(await verifyJournal(shop.place.state)).toMatchObject({ valid: true })
  },
)

/** A shop whose agent died after the intent of a receipt's signature. */
async function cutOffBeforeSigning(amount = '1.00') {
  const shop = new Lives()
  const id = await shop.open()
  await shop.bury()
  await shop.live({ points: ['device.before-sign'], hit: 1, from: 'ready' })
  const open = await shop.office.create(goods('sale', id, [[amount, '0.20']]))
  const call = completion(open, [pay('cash', amount)])
  await expect(shop.office.call(call)).rejects.toThrow()
  await shop.death()
  return { shop, id, call }
}

test('a receipt that a crash interrupted goes out with the marker when the card is unplugged at the next start', async () => {
  const { shop, id, call } = await cutOffBeforeSigning()
  const key = join(shop.place.state, 'devices', 'card-1', 'key.pem')
  await rename(key, `${key}.away`)
  await mkdir(key)

  await shop.live()
  const done = await shop.office.call(call)
  expect(done.json['fiscal_information']).toMatchObject({ receipt_number: '2', security_device_failed: true })
  await shop.bury()
  await rmdir(key)
  await rename(`${key}.away`, key)

  await shop.live()
  const closings = await shop.office.list(`/v1/registers/${id}/closings`)
  expect(closings.map((closing) => closing['type'])).toEqual(['start', 'collective'])
  expect(await shop.verifiedDep(id)).toMatchObject({ valid: true, receipts: 3, outageReceipts: 1, turnoverCents: 100n })
  await shop.bury()
})

test('a receipt over 0.00 that a crash interrupted is omitted when the next start has no card', async () => {
  const { shop, id, call } = await cutOffBeforeSigning('0.00')
  const key = join(shop.place.state, 'devices', 'card-1', 'key.pem')
  await rename(key, `${key}.away`)
  await mkdir(key)

  await shop.live()
  const done = await shop.office.call(call)
  expect(done.json).toMatchObject({ fiscal: { state: 'not_required' }, fiscal_information: null })
  await shop.bury()
  await rmdir(key)
  await rename(`${key}.away`, key)

  await shop.live()
  expect((await shop.office.call(call)).text).toBe(done.text)
  const closings = await shop.office.list(`/v1/registers/${id}/closings`)
  expect(closings.map((closing) => closing['type'])).toEqual(['start'])
  expect(await shop.verifiedDep(id)).toMatchObject({ valid: true, receipts: 1 })
  await shop.bury()
})

test('a receipt that a crash interrupted is signed by no other card than its own: it goes out with the marker', async () => {
  const { shop, id, call } = await cutOffBeforeSigning()
  const card = join(shop.place.state, 'devices', 'card-1')
  await rename(card, `${card}.away`)
  expect(await fiskalEdge('device', 'init', 'card-1', '--config', shop.place.config)).toMatchObject({ code: 0 })

  await shop.live()
  const done = await shop.office.call(call)
  expect(done.json['fiscal_information']).toMatchObject({ receipt_number: '2', security_device_failed: true })
  const closings = await shop.office.list(`/v1/registers/${id}/closings`)
  expect(closings.map((closing) => closing['type'])).toEqual(['start', 'collective'])
  expect(await shop.verifiedDep(id)).toMatchObject({ valid: true, receipts: 3, outageReceipts: 1, turnoverCents: 100n })
  await shop.bury()
})
