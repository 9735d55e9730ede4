// @module-tag heavy
import { expect, test } from 'vitest'
import { until } from '../e2e/italy/killed-shop.ts'
import { PrinterBeside } from '../e2e/italy/printer-beside.ts'
import { verifyJournal } from '../verified-journal.ts'
import { ArmedShop } from './armed-shop.ts'

const CHANGED = 'closing.transmission_changed'

test('killed at each step between a Z and its transmission: pending until sent, then transmitted once', async () => {
  await using printer = await PrinterBeside.open()
  await using shop = await ArmedShop.open(printer.device())
  const statuses = async () =>
    (await shop.office.list(`/v1/registers/${shop.register}/closings`)).map((closing) => closing['transmission_status'])
  printer.simulator.inject('pending=1@*')
  await shop.sell('12.20')
  shop.kill()
  await shop.ended()

  // The printer has made the Z, and the journal does not have it yet.
  await shop.live({ points: ['device.after-close'], hit: 1, from: 'start' })
  const asked = { path: `/v1/registers/${shop.register}/closings`, body: {}, key: 'z-1' }
  const lost = shop.office.call(asked).catch(() => undefined)
  expect(await shop.ended()).toBe('SIGKILL')
  expect(await lost).toBeUndefined()
  await shop.live()
  await until(async () => (await shop.office.call(asked)).status === 201)
  const { text } = await shop.office.call(asked)
  expect(JSON.parse(text)).toMatchObject({ transmission_status: 'pending', transmitted_at: null })
  expect(await statuses()).toEqual(['pending'])
  shop.kill()
  await shop.ended()

  // It sends the file while no agent runs.
  printer.simulator.clearFaults()
  for (const [point, before] of [
    ['transmission.seen', 0],
    ['transmission.noted', 1],
  ] as const) {
    await shop.live({ points: [point], hit: 1, from: 'start' })
    expect(await shop.ended()).toBe('SIGKILL')
    expect(shop.events(CHANGED)).toHaveLength(before)
  }
  await shop.live()
  await until(async () => (await statuses())[0] === 'transmitted')
  // The next Z is transmitted at once, and the first one keeps its answer and its only event.
  await shop.sell('1.22')
  expect(await shop.office.post(asked.path, {})).toMatchObject({ transmission_status: 'transmitted' })
  expect((await shop.office.call(asked)).text).toBe(text)
  shop.kill()
  await shop.ended()
  expect(shop.events(CHANGED)).toMatchObject([{ set: { transmission_status: 'transmitted' } }])
  expect(await verifyJournal(shop.state)).toMatchObject({ valid: true, codes: [] })
})
