import { expect, test } from 'vitest'
import type { StandingWarning } from '../../alerts/alert.ts'
import { DeliveryError } from '../../alerts/message.ts'
import { heavy } from '../tags.ts'
import { Desk, deviceDown, RecordedChannel, refuse } from './desk.ts'

/** A mail server has the message for the owner, and wants to be asked again for the other recipient. */
const GREYLISTED = {
  words: '250 queued',
  partly: { later: ['b'], failure: new DeliveryError('recipient_later', 'b@shop.example: 450 greylisted') },
}
const CLOCK_WRONG: StandingWarning = {
  ...{ key: 'clock_implausible', code: 'clock_implausible', severity: 'alarm', rule: 'clock' },
  ...{ subject: {}, sinceMs: Date.parse('2025-10-25T11:00:00Z') },
}

test('a recipient that is to be asked again later gets the message alone, under the same id', async () => {
  const desk = new Desk()
  const mail = new RecordedChannel(desk.clock, 'mail')
  mail.receipts.push(GREYLISTED)
  desk.start([mail])
  desk.warnings = [deviceDown('tse-1')]
  await desk.clock.advance(6_000)
  expect(mail.recipients).toEqual([undefined])
  expect(desk.alerts.channels()[0]).toMatchObject({
    ...{ waiting: 1, last_delivery: { type: 'alert.raised' } },
    last_error: { code: 'recipient_later', message: 'b@shop.example: 450 greylisted' },
  })
  await desk.clock.advance(60_000)
  expect(mail.recipients).toEqual([undefined, ['b']])
  expect(mail.told).toEqual(['raised alr_0001 tse-1', 'raised alr_0001 tse-1'])
  expect(desk.alerts.channels()[0]).toMatchObject({ waiting: 0, last_error: null })
  expect(desk.journal.slice(1).map(({ facts }) => facts)).toEqual([
    { type: 'alert.raised', channel: 'mail', attempt: 1, waiting: ['b'] },
    { type: 'alert.raised', channel: 'mail', attempt: 2 },
  ])
})

test('after a restart the recipients that have a message do not get it again, and the others do', async () => {
  const desk = new Desk()
  const mail = new RecordedChannel(desk.clock, 'mail')
  mail.receipts.push(GREYLISTED, GREYLISTED)
  desk.start([mail])
  desk.warnings = [deviceDown('tse-1'), deviceDown('tse-2')]
  await desk.clock.advance(6_000)
  await desk.alerts.stop()
  desk.start([mail])
  await desk.clock.advance(6_000)
  await desk.alerts.stop()
  desk.start([mail])
  await desk.clock.advance(60_000)
  expect(mail.recipients).toEqual([undefined, ['b'], ['b']])
  expect(new Set(mail.told)).toEqual(new Set(['raised alr_0001 tse-1,tse-2']))
  await desk.alerts.stop()
  desk.start([mail])
  await desk.clock.advance(600_000)
  expect(mail.recipients).toHaveLength(3)
})

test('an alert that ends while a recipient waits sends its end to all, and its begin to no one else', async () => {
  const desk = new Desk()
  const mail = new RecordedChannel(desk.clock, 'mail')
  mail.receipts.push(GREYLISTED)
  desk.start([mail])
  desk.warnings = [deviceDown('tse-1')]
  await desk.clock.advance(6_000)
  mail.fail = refuse()
  desk.warnings = []
  await desk.clock.advance(50_000)
  mail.fail = () => undefined
  await desk.clock.advance(600_000)
  expect(mail.told).toEqual(['raised alr_0001 tse-1', 'resolved alr_0001-resolved tse-1'])
  expect(mail.recipients).toEqual([undefined, undefined])
})

test('a refused recipient is shown until a message reaches every recipient, and logged once', async () => {
  const desk = new Desk()
  const mail = new RecordedChannel(desk.clock, 'mail')
  const refused = {
    words: '250 queued',
    partly: { later: [], failure: new DeliveryError('recipient_refused', 'b@shop.example: 550 no such user') },
  }
  mail.receipts.push(refused, refused)
  desk.start([mail])
  desk.warnings = [deviceDown('tse-1')]
  await desk.clock.advance(6_000)
  desk.warnings = [deviceDown('tse-1'), deviceDown('tse-2')]
  await desk.clock.advance(6_000)
  expect(desk.alerts.channels()[0]).toMatchObject({ waiting: 0, last_error: { code: 'recipient_refused' } })
  expect(desk.logged.filter((line) => line.includes('recipient_refused'))).toEqual([
    'a recipient of alerts was refused recipient_refused',
  ])
  desk.warnings = []
  await desk.clock.advance(60_000)
  expect(desk.alerts.channels()[0]).toMatchObject({ waiting: 0, last_error: null })
})

test('an alert that began and ended while the clock was wrong is one message with both when it is right', async () => {
  const desk = new Desk(Date.parse('2025-10-25T11:00:00Z'))
  const [remote, local] = [new RecordedChannel(desk.clock, 'mail'), new RecordedChannel(desk.clock)]
  remote.fail = refuse()
  desk.start([remote, local])
  desk.warnings = [CLOCK_WRONG, deviceDown('tse-1', { sinceMs: desk.clock.now() })]
  await desk.clock.advance(700_000)
  desk.warnings = [CLOCK_WRONG]
  await desk.clock.advance(60_000)
  expect(local.told).toEqual(['raised alr_0001 ', 'raised alr_0002 tse-1', 'resolved alr_0002-resolved tse-1'])
  expect(remote.taken).toEqual([])
  // The clock is set 400 days ahead: it is right from now on.
  desk.clock.jump(400 * 86_400_000)
  desk.warnings = []
  remote.fail = () => undefined
  await desk.clock.advance(30_000)
  expect(remote.told.sort()).toEqual(['resolved alr_0001-resolved ', 'resolved alr_0002-resolved tse-1'])
  for (const { alerts, atMs } of remote.taken) {
    const [{ sinceMs = 0, endedAtMs = 0 } = {}] = alerts
    expect(atMs).toBe(endedAtMs)
    expect(desk.clock.now() - endedAtMs).toBeLessThan(120_000)
    expect(desk.clock.now() - sinceMs).toBeLessThan(900_000)
    expect(endedAtMs).toBeGreaterThan(sinceMs)
  }
})

test('an alert that is open when the clock is right again is sent at once, not after the pause of its attempts', async () => {
  const desk = new Desk(Date.parse('2025-10-25T11:00:00Z'))
  const mail = new RecordedChannel(desk.clock, 'mail')
  mail.fail = refuse()
  desk.start([mail])
  desk.warnings = [CLOCK_WRONG, deviceDown('tse-1', { sinceMs: desk.clock.now() })]
  // The next attempt is an hour away.
  await desk.clock.advance(3_000_000)
  desk.clock.jump(400 * 86_400_000)
  desk.warnings = [deviceDown('tse-1')]
  mail.fail = () => undefined
  await desk.clock.advance(30_000)
  expect(mail.told.sort()).toEqual(['raised alr_0002 tse-1', 'resolved alr_0001-resolved '])
})

test('a message of a wrong clock that never left is sent after a restart too, once', async () => {
  const desk = new Desk(Date.parse('2026-11-25T11:00:00Z'))
  const mail = new RecordedChannel(desk.clock, 'mail')
  mail.fail = refuse()
  desk.start([mail])
  desk.warnings = [CLOCK_WRONG, deviceDown('tse-1')]
  await desk.clock.advance(700_000)
  desk.warnings = [CLOCK_WRONG]
  await desk.clock.advance(60_000)
  await desk.alerts.stop()
  desk.start([mail])
  desk.warnings = []
  mail.fail = () => undefined
  await desk.clock.advance(60_000)
  expect(mail.told).toContain('resolved alr_0002-resolved tse-1')
  expect(new Set(mail.told).size).toBe(mail.told.length)
})

test('a digest for a recipient that was deferred is sent again to it alone, after a restart too', heavy(), async () => {
  const desk = new Desk(Date.parse('2026-11-25T05:59:00Z'))
  const mail = new RecordedChannel(desk.clock, 'mail')
  const setting = { digest: { at: '07:00', always: true } }
  mail.receipts.push(GREYLISTED, GREYLISTED)
  desk.start([mail], setting)
  await desk.clock.advance(120_000)
  await desk.alerts.stop()
  desk.start([mail], setting)
  await desk.clock.advance(10_000)
  expect(mail.recipients).toEqual([undefined, ['b']])
  await desk.clock.advance(3_600_000)
  expect(mail.recipients).toEqual([undefined, ['b'], ['b']])
  expect(new Set(mail.told)).toEqual(new Set(['digest alr_digest-2026-11-25 ']))
})

test('a digest that a machine missed because it was off comes once after its start', async () => {
  const desk = new Desk(Date.parse('2026-11-25T14:00:00Z'))
  const channel = new RecordedChannel(desk.clock)
  const setting = { digest: { at: '07:00', always: true } }
  desk.start([channel], setting)
  await desk.clock.advance(60_000)
  // A shop that begins today has missed none.
  expect(channel.taken).toEqual([])
  await desk.alerts.stop()
  desk.begunMs = Date.parse('2026-11-24T18:00:00Z')
  desk.start([channel], setting)
  await desk.clock.advance(60_000)
  await desk.alerts.stop()
  desk.start([channel], setting)
  await desk.clock.advance(60_000)
  expect(channel.told).toEqual(['digest alr_digest-2026-11-25 '])
})
