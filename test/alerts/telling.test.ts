import { expect, test } from 'vitest'
import { heavy } from '../tags.ts'
import { Desk, deviceDown, RecordedChannel, refuse } from './desk.ts'

const DISK_LOW = { key: 'disk_low', code: 'disk_low', severity: 'warning', rule: 'disk', subject: {} } as const

test('an alert is journalled, then sent, then its delivery is journalled; its end follows once', async () => {
  const desk = new Desk()
  const channel = new RecordedChannel(desk.clock)
  desk.start([channel])
  desk.warnings = [deviceDown('tse-1')]
  await desk.clock.advance(10_000)
  expect(channel.told).toEqual(['raised alr_0001 tse-1'])
  expect(desk.recorded).toEqual(['alert.raised alr_0001 alarm', 'alert.sent alr_0001 alert.raised webhook 1'])
  desk.warnings = []
  await desk.clock.advance(60_000)
  expect(channel.told).toEqual(['raised alr_0001 tse-1', 'resolved alr_0001-resolved tse-1'])
  expect(channel.taken[1]?.answers).toBe('alr_0001')
  expect(desk.recorded.slice(2)).toEqual([
    'alert.resolved alr_0001 alarm',
    'alert.sent alr_0001 alert.resolved webhook 1',
  ])
})

test('three devices of one pull are one mail under the id of the first, and three calls of a webhook', async () => {
  const desk = new Desk()
  const [mail, webhook] = [new RecordedChannel(desk.clock, 'mail'), new RecordedChannel(desk.clock)]
  desk.start([mail, webhook])
  desk.warnings = [deviceDown('tse-1'), deviceDown('tse-2')]
  await desk.clock.advance(2_000)
  desk.warnings = [...desk.warnings, deviceDown('tse-3')]
  await desk.clock.advance(10_000)
  expect(mail.told).toEqual(['raised alr_0001 tse-1,tse-2,tse-3'])
  expect(webhook.told).toHaveLength(3)
  desk.warnings = []
  await desk.clock.advance(60_000)
  expect(mail.told.slice(1)).toEqual(['resolved alr_0001-resolved tse-1,tse-2,tse-3'])
  expect(mail.taken[1]?.answers).toBe('alr_0001')
})

test('a restart sends missing messages under the same id, and nothing twice', async () => {
  const desk = new Desk()
  const channel = new RecordedChannel(desk.clock)
  channel.fail = refuse()
  await desk.start([channel]).stop()
  desk.start([channel])
  desk.warnings = [deviceDown('tse-1')]
  await desk.clock.advance(5_000)
  await desk.alerts.stop()
  channel.fail = () => undefined
  desk.start([channel])
  await desk.clock.advance(60_000)
  expect(channel.told).toEqual(['raised alr_0001 tse-1'])
  await desk.alerts.stop()
  desk.start([channel])
  await desk.clock.advance(600_000)
  expect(channel.told).toEqual(['raised alr_0001 tse-1'])
  expect(desk.recorded.filter((one) => one.startsWith('alert.raised'))).toHaveLength(1)
})

test('an alert that ended while the agent was down is resolved once after the start', async () => {
  const desk = new Desk()
  const channel = new RecordedChannel(desk.clock)
  desk.start([channel])
  desk.warnings = [deviceDown('tse-1')]
  await desk.clock.advance(5_000)
  await desk.alerts.stop()
  desk.warnings = []
  desk.start([channel])
  await desk.clock.advance(60_000)
  expect(channel.told).toEqual(['raised alr_0001 tse-1', 'resolved alr_0001-resolved tse-1'])
})

test('with a held journal the message leaves after 3 s, and is journalled once when the journal is free', async () => {
  const desk = new Desk()
  const channel = new RecordedChannel(desk.clock)
  desk.start([channel])
  desk.hold()
  desk.warnings = [deviceDown('tse-1')]
  await desk.clock.advance(6_000)
  expect(channel.told).toEqual(['raised alr_0001 tse-1'])
  expect(desk.recorded).toEqual([])
  await desk.clock.advance(60_000)
  desk.release()
  await desk.clock.advance(5_000)
  expect(desk.recorded).toEqual(['alert.raised alr_0001 alarm', 'alert.sent alr_0001 alert.raised webhook 1'])
  expect(channel.told).toHaveLength(1)
})

test('a journal that refuses does not keep a message back, and gets its records later in their order', async () => {
  const desk = new Desk()
  const channel = new RecordedChannel(desk.clock)
  desk.start([channel])
  desk.refuses = true
  desk.warnings = [deviceDown('tse-1')]
  await desk.clock.advance(6_000)
  desk.warnings = []
  await desk.clock.advance(60_000)
  expect(channel.told).toHaveLength(2)
  desk.refuses = false
  await desk.clock.advance(5_000)
  expect(desk.recorded.map((one) => one.split(' ')[0])).toEqual([
    'alert.raised',
    'alert.sent',
    'alert.resolved',
    'alert.sent',
  ])
})

test(
  'a channel that fails is tried again after 10 s, 1, 5, 15 and 60 min, then hourly, and dropped after three days',
  heavy(),
  async () => {
    const desk = new Desk()
    const channel = new RecordedChannel(desk.clock)
    channel.fail = refuse()
    desk.start([channel])
    desk.warnings = [deviceDown('tse-1')]
    await desk.clock.advance(3 * 86_400_000 + 4 * 3_600_000)
    const pauses = channel.tries.slice(1).map((at, index) => at - (channel.tries[index] ?? 0))
    expect(pauses.slice(0, 7)).toEqual([10_000, 60_000, 300_000, 900_000, 3_600_000, 3_600_000, 3_600_000])
    expect(channel.tries.length).toBeLessThan(85)
    expect(desk.recorded.at(-1)).toContain('alert.abandoned alr_0001 alert.raised webhook')
    expect(desk.journal.at(-1)?.facts).toMatchObject({ reason: 'undelivered' })
    expect(desk.logged.filter((line) => line.includes('dropped'))).toHaveLength(1)
    expect(desk.alerts.channels()[0]?.waiting).toBe(0)
  },
)

test('a channel that took nothing for 24 h is reported until it takes something', heavy(), async () => {
  const desk = new Desk()
  const channel = new RecordedChannel(desk.clock)
  channel.fail = refuse()
  desk.start([channel])
  desk.warnings = [deviceDown('tse-1')]
  await desk.clock.advance(23 * 3_600_000)
  expect(desk.alerts.undelivered()).toEqual([])
  await desk.clock.advance(2 * 3_600_000)
  expect(desk.alerts.undelivered()).toEqual(['webhook'])
  channel.fail = () => undefined
  await desk.clock.advance(2 * 3_600_000)
  expect(desk.alerts.undelivered()).toEqual([])
})

test('the time that a server asks for is kept, up to an hour', async () => {
  const desk = new Desk()
  const channel = new RecordedChannel(desk.clock)
  channel.fail = refuse(120_000)
  desk.start([channel])
  desk.warnings = [deviceDown('tse-1')]
  await desk.clock.advance(125_000)
  expect(channel.tries.slice(1).map((at, index) => at - (channel.tries[index] ?? 0))).toEqual([120_000])
})

test('an alert that ends before its first message makes no message', async () => {
  const desk = new Desk()
  const channel = new RecordedChannel(desk.clock)
  channel.fail = refuse()
  desk.start([channel])
  desk.warnings = [deviceDown('tse-1')]
  await desk.clock.advance(20_000)
  desk.warnings = []
  await desk.clock.advance(45_000)
  channel.fail = () => undefined
  await desk.clock.advance(3_600_000)
  expect(channel.told).toEqual([])
  const abandoned = desk.journal.filter(({ kind }) => kind === 'alert.abandoned').map(({ facts }) => facts)
  expect(abandoned).toMatchObject([
    { type: 'alert.raised', reason: 'resolved' },
    { type: 'alert.resolved', reason: 'resolved' },
  ])
})

test('in quiet hours warnings wait and alarms do not', async () => {
  const desk = new Desk(Date.parse('2026-11-25T22:00:00Z'))
  const channel = new RecordedChannel(desk.clock)
  desk.start([channel], { quietHours: { from: '22:00', to: '06:30' } })
  desk.warnings = [{ ...DISK_LOW, sinceMs: 0 }, deviceDown('tse-1')]
  await desk.clock.advance(10_000)
  expect(channel.told).toEqual(['raised alr_0002 tse-1'])
  // 06:30 in the shop.
  await desk.clock.advance(7.5 * 3_600_000 - 20_000)
  expect(channel.told).toHaveLength(1)
  await desk.clock.advance(20_000)
  expect(channel.told).toEqual(['raised alr_0002 tse-1', 'raised alr_0001 '])
})

test('200 alerts at once are at most 20 messages an hour, and each alert is in one of them', async () => {
  const desk = new Desk()
  const channel = new RecordedChannel(desk.clock)
  desk.start([channel])
  desk.warnings = Array.from({ length: 200 }, (_, index) => deviceDown(`tse-${index}`))
  await desk.clock.advance(60_000)
  expect(channel.taken).toHaveLength(20)
  expect(channel.taken.at(-1)?.type).toBe('alert.digest')
  expect(new Set(channel.taken.flatMap(({ alerts }) => alerts.map(({ id }) => id))).size).toBe(200)
  expect(desk.recorded.filter((one) => one.startsWith('alert.sent'))).toHaveLength(200)
  desk.warnings = []
  await desk.clock.advance(3_500_000)
  expect(channel.taken).toHaveLength(20)
  await desk.clock.advance(300_000)
  expect(channel.taken.length).toBeLessThanOrEqual(40)
  expect(channel.taken.slice(20).flatMap(({ alerts }) => alerts)).toHaveLength(200)
})

test('a rule reaches only the channels that it names', async () => {
  const desk = new Desk()
  const [mail, webhook] = [new RecordedChannel(desk.clock, 'mail'), new RecordedChannel(desk.clock)]
  desk.start([mail, webhook], { rules: { devices: { channels: ['mail'] } } })
  desk.warnings = [deviceDown('tse-1')]
  await desk.clock.advance(10_000)
  expect([mail.told.length, webhook.told.length]).toEqual([1, 0])
})

test('a dead channel is reported by the other channels alone', async () => {
  const desk = new Desk()
  const [mail, webhook] = [new RecordedChannel(desk.clock, 'mail'), new RecordedChannel(desk.clock)]
  desk.start([mail, webhook])
  desk.warnings = [
    {
      ...DISK_LOW,
      key: 'u',
      code: 'alerts_undelivered',
      rule: 'alert_delivery',
      subject: { about: 'webhook' },
      sinceMs: 0,
    },
  ]
  await desk.clock.advance(10_000)
  expect([mail.told.length, webhook.told.length]).toEqual([1, 0])
})

test('the digest comes at its time with what is open, and not if nothing is', heavy(), async () => {
  const desk = new Desk(Date.parse('2026-11-25T05:59:00Z'))
  const channel = new RecordedChannel(desk.clock)
  desk.start([channel], { digest: { at: '07:00', always: false } })
  await desk.clock.advance(120_000)
  expect(channel.taken).toEqual([])
  desk.digest = { ...desk.digest, duties: [{ id: 'annual-receipt-2026', title: 'Annual receipt', due: '2026-12-01' }] }
  await desk.clock.advance(86_400_000)
  expect(channel.taken.map(({ id, type }) => `${type} ${id}`)).toEqual(['alert.digest alr_digest-2026-11-26'])
  await desk.alerts.stop()
  desk.start([channel], { digest: { at: '07:00', always: false } })
  await desk.clock.advance(600_000)
  expect(channel.taken).toHaveLength(1)
})

test('a stop waits a second for what is being sent, and leaves it then', async () => {
  const desk = new Desk()
  const channel = new RecordedChannel(desk.clock)
  const hanging = { ...channel, id: 'hanging', send: () => new Promise<never>(() => undefined) }
  desk.start([hanging])
  desk.warnings = [deviceDown('tse-1')]
  await desk.clock.advance(5_000)
  let isStopped = false
  const stopping = desk.alerts.stop().then(() => {
    isStopped = true
  })
  await desk.clock.advance(999)
  expect(isStopped).toBe(false)
  await desk.clock.advance(1)
  await stopping
  expect(desk.recorded).toEqual(['alert.raised alr_0001 alarm'])
})

test('agent.alive comes at the start and each 15 minutes, to a channel that takes it, and is not journalled', async () => {
  const desk = new Desk()
  const [watcher, other] = [new RecordedChannel(desk.clock, 'webhook', 'watcher'), new RecordedChannel(desk.clock)]
  desk.start([{ ...watcher, takes: (type) => type === 'agent.alive' }, other])
  await desk.clock.advance(1_000)
  expect(watcher.taken).toHaveLength(1)
  await desk.clock.advance(3_600_000)
  expect(watcher.taken.map(({ type }) => type)).toEqual(Array.from({ length: 5 }, () => 'agent.alive'))
  expect(new Set(watcher.taken.map(({ id }) => id)).size).toBe(5)
  expect([other.taken, desk.journal]).toEqual([[], []])
})
