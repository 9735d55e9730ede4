import { expect, test } from 'vitest'
import type { DutyChange } from '../../alerts/duty-messages.ts'
import { DeliveryError } from '../../alerts/message.ts'
import { heavy } from '../tags.ts'
import { Desk, RecordedChannel } from './desk.ts'

const DAY_MS = 86_400_000

function change(desk: Desk, id: string, seq: number, state: string): DutyChange {
  return { id, seq, atMs: desk.clock.now(), duty: { id, state } }
}

/** Id and state of each duty that the channel has taken. */
function taken({ taken: messages }: RecordedChannel): string[] {
  return messages.map(({ type, id, duty }) => `${type} ${id} ${(duty as { state: string }).state}`)
}

function refuse(): never {
  throw new DeliveryError('http_503', 'The server answered 503.')
}

test('each duty that changed is one message, and a later change replaces one that has not left', async () => {
  const desk = new Desk()
  const hook = new RecordedChannel(desk.clock)
  const mail = new RecordedChannel(desk.clock, 'mail')
  Object.assign(mail, { takes: (type: string) => type === 'alert.raised' })
  const alerts = desk.start([hook, mail])
  for (const [id, seq, state] of [
    ['a', 7, 'sent'],
    ['b', 8, 'refused'],
    ['a', 9, 'confirmed'],
    ['a', 7, 'sent'],
  ] as const)
    alerts.tellDuty(change(desk, id, seq, state))
  await desk.clock.advance(5_000)
  expect(taken(hook).sort()).toEqual(['duty.changed alr_duty-8 refused', 'duty.changed alr_duty-9 confirmed'])
  expect(mail.taken).toEqual([])
  expect(desk.recorded.sort()).toEqual([
    'alert.sent alr_duty-8 duty.changed webhook 1',
    'alert.sent alr_duty-9 duty.changed webhook 1',
  ])
  expect(desk.alerts.channels()).toMatchObject([{ waiting: 0, last_delivery: { type: 'duty.changed' } }, {}])
})

test('a change that no server takes is tried again under its id, and a restart repeats none that was taken', async () => {
  const desk = new Desk()
  const hook = new RecordedChannel(desk.clock)
  const alerts = desk.start([hook])
  const changes = [change(desk, 'a', 7, 'sent'), change(desk, 'b', 8, 'sent')]
  alerts.tellDuty(changes[0] as DutyChange)
  await desk.clock.advance(2_000)
  hook.fail = refuse
  alerts.tellDuty(changes[1] as DutyChange)
  await desk.clock.advance(2_000)
  expect(alerts.channels()).toMatchObject([{ waiting: 1, last_error: { code: 'http_503' } }])
  const again = new RecordedChannel(desk.clock)
  await alerts.stop()
  const next = desk.start([again])
  for (const one of changes) next.tellDuty(one)
  await desk.clock.advance(2_000)
  expect(taken(again)).toEqual(['duty.changed alr_duty-8 sent'])
})

test('more than twenty changes within an hour are each a message', async () => {
  const desk = new Desk()
  const hook = new RecordedChannel(desk.clock)
  const alerts = desk.start([hook])
  for (let seq = 1; seq <= 30; seq += 1) alerts.tellDuty(change(desk, `d${seq}`, seq, 'confirmed'))
  await desk.clock.advance(60_000)
  expect(hook.taken).toHaveLength(30)
})

test('a duty whose message is refused each time holds neither another one nor an alert', async () => {
  const desk = new Desk()
  const hook = new RecordedChannel(desk.clock)
  const send = hook.send
  Object.assign(hook, {
    send: async (...[message, signal]: Parameters<typeof send>) => {
      if (message.id === 'alr_duty-7') refuse()
      await send(message, signal)
    },
  })
  const alerts = desk.start([hook])
  alerts.tellDuty(change(desk, 'a', 7, 'sent'))
  alerts.tellDuty(change(desk, 'b', 8, 'sent'))
  await desk.clock.advance(60_000)
  expect(taken(hook)).toEqual(['duty.changed alr_duty-8 sent'])
})

test('a change that waited for three days is dropped, and its drop is journalled', heavy(), async () => {
  const desk = new Desk()
  const hook = new RecordedChannel(desk.clock)
  hook.fail = refuse
  const alerts = desk.start([hook])
  alerts.tellDuty(change(desk, 'a', 7, 'sent'))
  await desk.clock.advance(3 * DAY_MS + 60_000)
  expect(alerts.channels()).toMatchObject([{ waiting: 0 }])
  expect(desk.journal.filter(({ op }) => op === 'alr_duty-7')).toMatchObject([
    { kind: 'alert.abandoned', facts: { type: 'duty.changed', channel: 'webhook', reason: 'undelivered' } },
  ])
  expect(desk.logged.join('\n')).toContain('changes of duties are dropped')
})
