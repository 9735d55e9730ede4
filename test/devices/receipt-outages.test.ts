import { expect, test } from 'vitest'
import type { DeviceEvent } from '../../agent/devices/outages.ts'
import { ReceiptOutages } from '../../agent/devices/receipt-outages.ts'
import { parseRfc3339, rfc3339 } from '../../base/clock.ts'

const DAY = '2026-03-02T'

function at(time: string): number {
  return parseRfc3339(`${DAY}${time}Z`) ?? Number.NaN
}

let seq = 0

function changed(time: string, state: string, code: string | null = null, device = 'tse-1'): DeviceEvent {
  seq += 1
  const facts = { device, state, code, message: code === null ? null : `It is ${code}.`, serial: 'aa' }
  const mono = String(BigInt(at(time)) * 1_000_000n)
  return { seq, kind: 'device.changed', at: `${DAY}${time}Z`, boot: 'b', mono, body: JSON.stringify({ facts }) }
}

function used(...devices: string[]): DeviceEvent {
  const set = { fiscal_device: devices[0] }
  return {
    seq: 0,
    kind: 'register.created',
    at: `${DAY}00:00:00Z`,
    boot: 'b',
    mono: '0',
    body: JSON.stringify({ set }),
  }
}

class Story {
  readonly outages = new ReceiptOutages()
  #number = 0

  constructor(...devices: string[]) {
    for (const device of devices) this.outages.note(used(device))
  }

  note(...events: DeviceEvent[]): this {
    for (const event of events) this.outages.note(event)
    return this
  }

  unsigned(time: string, code: string | undefined, device = 'tse-1', refusedAt = time): this {
    this.#number += 1
    const refusal = code === undefined ? undefined : { code, message: `It is ${code}.`, atMs: at(refusedAt) }
    const receipt = { law: 'KassenSichV', register: 'reg-1', number: this.#number, atMs: at(time), cents: 250, refusal }
    this.outages.unsigned(device, receipt)
    return this
  }

  signed(time: string, device = 'tse-1'): this {
    this.#number += 1
    this.outages.signed(device, at(time))
    return this
  }

  rows(): unknown[] {
    return this.outages.report().outages.map(({ device, fromMs, toMs, cause, receipts, cents, numbers }) => {
      const until = toMs === undefined ? undefined : timeOf(toMs)
      const runs = numbers.map(({ first, last }) => `${first}-${last}`).join(' ')
      return [device, timeOf(fromMs), until, cause?.code, receipts, cents, runs]
    })
  }
}

function timeOf(ms: number): string {
  return rfc3339(ms).slice(DAY.length, -5)
}

test('an unsigned receipt outside each outage is one, until the unit signs for any till', () => {
  const story = new Story().unsigned('10:00:05', 'memory_full', 'tse-1', '10:00:01').signed('10:20:00')
  expect(story.rows()).toEqual([['tse-1', '10:00:01', '10:20:00', 'memory_full', 1, 250, '1-1']])
})

test('neighbours with one cause are one outage; a signature or another cause begins another', () => {
  const story = new Story()
    .unsigned('10:00:00', 'busy')
    .unsigned('10:01:00', 'busy')
    .signed('10:02:00')
    .unsigned('10:03:00', 'busy')
    .unsigned('10:04:00', 'memory_full')
    .signed('10:05:00')
  expect(story.rows()).toEqual([
    ['tse-1', '10:00:00', '10:02:00', 'busy', 2, 500, '1-2'],
    ['tse-1', '10:03:00', '10:05:00', 'busy', 1, 250, '4-4'],
    ['tse-1', '10:04:00', '10:05:00', 'memory_full', 1, 250, '5-5'],
  ])
})

test('while no signature follows, the outage ends with the last unsigned receipt', () => {
  const story = new Story().unsigned('10:00:00', 'unavailable').unsigned('10:07:00', 'unavailable')
  expect(story.rows()).toEqual([['tse-1', '10:00:00', '10:07:00', 'unavailable', 2, 500, '1-2']])
})

test('the signature of another unit ends nothing', () => {
  const story = new Story()
    .unsigned('10:00:00', 'busy')
    .signed('10:01:00', 'tse-2')
    .unsigned('10:02:00', 'busy')
    .signed('10:03:00')
  expect(story.rows()).toEqual([['tse-1', '10:00:00', '10:03:00', 'busy', 2, 500, '1-1 3-3']])
})

test('a receipt in a recorded outage of its unit belongs to it, also one that was refused before the event', () => {
  const story = new Story()
    .unsigned('10:00:04', 'timeout', 'tse-1', '10:00:03')
    .note({ ...changed('10:00:04', 'down', 'timeout'), body: silent('timeout', 3000) })
    .unsigned('10:05:00', 'unavailable')
    .note(changed('10:10:00', 'ready'))
    .signed('10:30:00')
  expect(story.rows()).toEqual([['tse-1', '10:00:01', '10:10:00', 'timeout', 2, 500, '1-2']])
})

test('a refusal just before a recorded outage with the same cause is its begin', () => {
  const story = new Story()
    .unsigned('10:00:00', 'timeout')
    .note({ ...changed('10:00:03', 'down', 'timeout'), body: silent('timeout', 2500) })
    .note(changed('10:10:00', 'ready'))
  expect(story.rows()).toEqual([['tse-1', '10:00:00', '10:10:00', 'timeout', 1, 250, '1-1']])
})

test('a refusal after the return of its unit is another outage, and so is one before its silence', () => {
  const story = new Story()
    .unsigned('09:59:00', 'memory_full')
    .note(changed('10:00:00', 'down', 'unavailable'), changed('10:10:00', 'ready'))
    .unsigned('10:12:00', 'memory_full')
    .signed('10:30:00')
  expect(story.rows()).toEqual([
    ['tse-1', '09:59:00', '10:30:00', 'memory_full', 2, 500, '1-2'],
    ['tse-1', '10:00:00', '10:10:00', 'unavailable', 0, 0, ''],
  ])
})

test('an outage of the clock holds its receipts, whatever their times say', () => {
  const suspect = (event: DeviceEvent): DeviceEvent => ({
    ...event,
    body: JSON.stringify({ ...JSON.parse(event.body), clock: 'suspect' }),
  })
  const story = new Story()
    .note(suspect(changed('09:00:00', 'down', 'clock_suspect')))
    .unsigned('09:00:10', 'clock_suspect')
    .note(changed('10:01:00', 'ready'))
  expect(story.rows()).toMatchObject([['tse-1', expect.anything(), '10:01:00', 'clock_suspect', 1, 250, '1-1']])
})

test('units of registers are listed without a configuration, others are not', () => {
  const down = [changed('10:00:00', 'down', 'unavailable'), changed('10:00:00', 'down', 'unavailable', 'tse-9')]
  expect(new Story('tse-1').note(...down).rows()).toEqual([['tse-1', '10:00:00', undefined, 'unavailable', 0, 0, '']])
})

test('the outage of a unit ends when the shop retires it', () => {
  const retired = { enrolled: { device: 'tse-1', serial: null } }
  const event = { ...changed('11:00:00', ''), kind: 'tse.retired', body: JSON.stringify(retired) }
  const story = new Story('tse-1').note(changed('10:00:00', 'down', 'unavailable'), event)
  expect(story.rows()).toEqual([['tse-1', '10:00:00', '11:00:00', 'unavailable', 0, 0, '']])
})

test('a receipt that was answered before its outcome is unsigned until the unit turns out to have signed it', () => {
  const { outages } = new Story()
  const receipt = { law: 'KassenSichV', register: 'reg-1', number: 1, atMs: at('10:00:00'), cents: 250 }
  const name = outages.unsigned('tse-1', { ...receipt, refusal: undefined })
  expect(outages.report()).toMatchObject({ receipts: 1, outages: [{ cause: undefined }] })
  const refusal = { code: 'timeout', message: '', atMs: at('10:05:00') }
  outages.refused(name, { ...receipt, refusal })
  expect(outages.report().outages).toMatchObject([{ cause: { code: 'timeout' }, fromMs: at('10:00:00'), receipts: 1 }])
  outages.withdraw(name)
  expect(outages.report()).toMatchObject({ outages: [], receipts: 0, cents: 0, first: [] })
})

test('the report counts what it is asked for, and lists the first receipts one by one', () => {
  const story = new Story()
  for (let minute = 10; minute < 40; minute++) story.unsigned(`10:${minute}:00`, 'busy')
  const all = story.outages.report()
  expect([all.receipts, all.cents, all.first.length, all.outages.length]).toEqual([30, 7500, 20, 1])
  expect(story.outages.report(({ number }) => number === 7)).toMatchObject({ receipts: 1, outages: [{ receipts: 1 }] })
  expect(story.outages.report(({ law }) => law === 'RKSV').receipts).toBe(0)
})

function silent(code: string, silent_ms: number): string {
  return JSON.stringify({ facts: { device: 'tse-1', state: 'down', code, message: '', serial: null, silent_ms } })
}
