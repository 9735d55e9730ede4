import { expect, test } from 'vitest'
import { DeliveryError } from '../../alerts/message.ts'
import { heavy } from '../tags.ts'
import { Desk, deviceDown, RecordedChannel } from './desk.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

function refuse(): void {
  throw new DeliveryError('http_500', 'The server answered 500.')
}

test('a channel that asks only for ends gets the end of an alert, also after a restart', async () => {
  const desk = new Desk()
  const channel = new RecordedChannel(desk.clock)
  const ends = { ...channel, takes: (type: string) => type === 'alert.resolved' }
  desk.start([ends])
  desk.warnings = [deviceDown('tse-1')]
  await desk.clock.advance(5_000)
  desk.warnings = []
  await desk.clock.advance(60_000)
  expect(channel.told).toEqual(['resolved alr_0001-resolved tse-1'])
  desk.warnings = [deviceDown('tse-2')]
  await desk.clock.advance(5_000)
  channel.fail = refuse
  desk.warnings = []
  await desk.clock.advance(40_000)
  await desk.alerts.stop()
  channel.fail = () => undefined
  desk.start([ends])
  await desk.clock.advance(60_000)
  expect(channel.told.slice(1)).toEqual(['resolved alr_0002-resolved tse-2'])
})

test(
  'a channel that takes messages again after hours gets at most 20 within an hour, and each alert',
  heavy(),
  async () => {
    const desk = new Desk()
    const channel = new RecordedChannel(desk.clock)
    channel.fail = refuse
    desk.start([channel])
    for (let hour = 0; hour < 4; hour++) {
      const added = Array.from({ length: 15 }, (_, index) => deviceDown(`tse-${hour}-${index}`))
      desk.warnings = [...desk.warnings, ...added]
      await desk.clock.advance(HOUR_MS)
    }
    channel.fail = () => undefined
    await desk.clock.advance(HOUR_MS)
    expect(channel.taken.length).toBeLessThanOrEqual(20)
    await desk.clock.advance(3 * HOUR_MS)
    expect(new Set(channel.taken.flatMap(({ alerts }) => alerts.map(({ id }) => id))).size).toBe(60)
  },
)

test(
  'a channel whose message was dropped after three days is reported until it takes one, across a restart',
  heavy(),
  async () => {
    const desk = new Desk()
    const channel = new RecordedChannel(desk.clock)
    channel.fail = refuse
    desk.start([channel])
    desk.warnings = [deviceDown('tse-1')]
    await desk.clock.advance(3 * DAY_MS + 4 * HOUR_MS)
    expect(desk.recorded.at(-1)).toContain('alert.abandoned')
    expect(desk.alerts.undelivered()).toEqual(['webhook'])
    await desk.alerts.stop()
    desk.start([channel])
    expect(desk.alerts.undelivered()).toEqual(['webhook'])
    channel.fail = () => undefined
    desk.warnings = [deviceDown('tse-1'), deviceDown('tse-2')]
    await desk.clock.advance(10_000)
    expect(desk.alerts.undelivered()).toEqual([])
  },
)

test('a channel that takes no digest for a day is reported, and a digest is its last delivery', heavy(), async () => {
  const desk = new Desk(Date.parse('2026-11-25T05:59:00Z'))
  const channel = new RecordedChannel(desk.clock, 'mail')
  channel.fail = refuse
  desk.start([channel], { digest: { at: '07:00', always: true } })
  await desk.clock.advance(2 * HOUR_MS)
  expect(desk.alerts.channels()).toMatchObject([{ last_error: { code: 'http_500' }, last_delivery: null }])
  expect(desk.alerts.undelivered()).toEqual([])
  await desk.clock.advance(DAY_MS)
  expect(desk.alerts.undelivered()).toEqual(['mail'])
  channel.fail = () => undefined
  await desk.clock.advance(DAY_MS)
  expect(desk.alerts.undelivered()).toEqual([])
  expect(desk.alerts.channels()).toMatchObject([{ last_error: null, last_delivery: { type: 'alert.digest' } }])
})

test('a channel sends one message at a time: an alert, a digest and a sign of life wait for each other', async () => {
  const desk = new Desk(Date.parse('2026-11-25T05:59:50Z'))
  const channel = new RecordedChannel(desk.clock)
  let [running, most] = [0, 0]
  const slow = {
    ...channel,
    takes: () => true,
    send: async (message: Parameters<typeof channel.send>[0], signal: AbortSignal) => {
      running += 1
      most = Math.max(most, running)
      await new Promise<void>((resolve) => desk.clock.after(5_000, resolve))
      running -= 1
      return channel.send(message, signal)
    },
  }
  desk.start([slow], { digest: { at: '07:00', always: true } })
  await desk.clock.advance(8_000)
  const sinceMs = desk.clock.now() - DAY_MS
  desk.warnings = [deviceDown('tse-1', { sinceMs }), deviceDown('tse-2', { sinceMs })]
  await desk.clock.advance(60_000)
  expect(channel.taken.map(({ type }) => type).sort()).toEqual([
    'agent.alive',
    'alert.digest',
    'alert.raised',
    'alert.raised',
  ])
  expect(most).toBe(1)
})
