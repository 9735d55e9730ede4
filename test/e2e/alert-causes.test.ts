import { writeFile } from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { HookServer } from '../alerts/hook-server.ts'
import { headerOf } from '../alerts/smtp-server.ts'
import { withSqlite } from '../edited-states.ts'
import { heavy } from '../tags.ts'
import { alertEvents, alerted, subject, types } from './alerted.ts'
import type { Bench, Register } from './bench.ts'
import { goods, pay } from './goods.ts'
import { LeapClock } from './leap-clock.ts'
import { Cloud } from './sync/cloud.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

async function sell({ till, id }: Register): Promise<unknown> {
  const sale = await till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('cash', '1.00')])
  return (sale as { fiscal?: { state?: string } }).fiscal?.state
}

type Notice = { type: string; data: Record<string, unknown> }

/** The messages of one rule. A call that a leap of the clock breaks off comes again under its id. */
function rulesOf({ calls }: HookServer, rule: string): Notice[] {
  const byId = new Map(calls.map(({ headers, body }) => [headers['webhook-id'], JSON.parse(body) as Notice]))
  return [...byId.values()].filter(({ data }) => data['rule'] === rule)
}

function sent(bench: Bench): number {
  return alertEvents(bench).filter((event) => event.startsWith('alert.sent')).length
}

test(
  'receipts that a ready device refused to sign are one mail and one call, and their end a day after the last',
  heavy(),
  async () => {
    const clock = new LeapClock()
    const { bench, hook, smtp } = await alerted({ clock })
    await using _ = bench
    const register = await bench.till()
    const refusedSale = async () => {
      await bench.fault('error@finish#1-9')
      const state = await sell(register)
      await bench.fault('clear')
      return state
    }
    expect(await refusedSale()).toBe('failed')
    expect(await sell(register)).toBe('succeeded')
    await bench.until(() => hook.calls.length === 1 && smtp.mails.length === 1)
    const [raised] = rulesOf(hook, 'unsigned_receipts')
    expect(raised).toMatchObject({
      type: 'alert.raised',
      data: { severity: 'alarm', subject: { register: register.id } },
    })
    expect(subject(smtp.mails[0]?.data ?? '')).toContain(' ALARM: Kasse: ')
    await bench.until(() => sent(bench) === 2)
    clock.leap(DAY_MS - MINUTE_MS)
    expect(await refusedSale()).toBe('failed')
    clock.leap(2 * MINUTE_MS)
    const told = () => rulesOf(hook, 'unsigned_receipts').map(({ type }) => type)
    await bench.until(async () => (await bench.office.get('/v1/overview'))['warnings'] !== undefined)
    expect(told()).toEqual(['alert.raised'])
    clock.leap(DAY_MS)
    const end = await bench.until(() => smtp.mails.find(({ data }) => subject(data).includes('BEHOBEN: Kasse: ')))
    await bench.until(() => told().length === 2)
    expect(told()).toEqual(['alert.raised', 'alert.resolved'])
    expect(headerOf(end.data, 'In-Reply-To')).toBe(headerOf(smtp.mails[0]?.data ?? '', 'Message-ID'))
  },
)

test('receipts of an outage are not reported as well', heavy(), async () => {
  const { bench, hook, smtp } = await alerted()
  await using _ = bench
  const register = await bench.till()
  await bench.fault('unplugged@*')
  expect(await sell(register)).toBe('failed')
  await bench.until(() => hook.calls.length === 1 && smtp.mails.length === 1)
  await bench.fault('clear')
  await bench.until(() => hook.calls.length === 2 && smtp.mails.length === 2)
  expect(types(hook)).toEqual(['alert.raised tse-1', 'alert.resolved tse-1'])
  expect(await sell(register)).toBe('succeeded')
  expect(rulesOf(hook, 'unsigned_receipts')).toEqual([])
})

/** An agent whose token the receiver refuses, by the owner of the token. */
async function refused(owner: 'no one' | 'another agent') {
  const cloud = await Cloud.open()
  onTestFinished(() => cloud[Symbol.asyncDispose]())
  const token = owner === 'no one' ? 'unknown' : (await cloud.rig.enrol('agt_another')).token
  await writeFile(cloud.tokenFile, `${token}\n`, { mode: 0o600 })
  const clock = new LeapClock()
  const made = await alerted({ clock, config: { sync: { targets: cloud.targets } } })
  const { bench, hook } = made
  const untilRefused = () => bench.until(async () => (await bench.office.list('/v1/sync'))[0]?.['last_error'] !== null)
  await untilRefused()
  const told = () => rulesOf(hook, 'sync_stops').map(({ type }) => type)
  /** Some looks of the agent. */
  const looks = async (count = 5) => {
    for (let look = 0; look < count; look++) {
      clock.leap(2_000)
      await turn()
    }
  }
  return { ...made, cloud, clock, told, untilRefused, looks }
}

test.each(['no one', 'another agent'] as const)(
  'a token of %s that the receiver refuses is reported after 15 minutes, and its end once',
  heavy(),
  async (owner) => {
    const { bench, hook, smtp, cloud, clock, told } = await refused(owner)
    await using _ = bench
    clock.leap(16 * MINUTE_MS)
    await bench.until(() => told().length === 1 && smtp.mails.length === 1)
    const [raised] = rulesOf(hook, 'sync_stops')
    expect(raised).toMatchObject({
      type: 'alert.raised',
      data: {
        severity: 'alarm',
        subject: { target: 'cloud' },
        message: expect.stringContaining('weist das Token dieses Agenten'),
      },
    })
    expect(subject(smtp.mails[0]?.data ?? '')).toContain('ALARM: cloud: ')
    await cloud.enrol(bench.journal())
    clock.leap(5 * MINUTE_MS)
    await bench.until(() => told().length === 2 && smtp.mails.length === 2)
    expect(told()).toEqual(['alert.raised', 'alert.resolved'])
    expect(subject(smtp.mails[1]?.data ?? '')).toContain('BEHOBEN: cloud: ')
  },
)

test('a token that is replaced within 15 minutes is not reported', heavy(), async () => {
  const { bench, cloud, clock, told, looks } = await refused('no one')
  await using _ = bench
  clock.leap(9 * MINUTE_MS)
  await cloud.enrol(bench.journal())
  clock.leap(5 * MINUTE_MS)
  await bench.until(async () => (await bench.office.list('/v1/sync'))[0]?.['state'] === 'current')
  clock.leap(30 * MINUTE_MS)
  await looks()
  expect(told()).toEqual([])
})

test(
  'a restart does not end the alert about a token that is still refused, and does not raise it again',
  heavy(),
  async () => {
    const { bench, cloud, clock, told, untilRefused, looks } = await refused('no one')
    await using _ = bench
    clock.leap(16 * MINUTE_MS)
    await bench.until(() => told().length === 1 && sent(bench) === 2)
    await bench.restart()
    await untilRefused()
    for (const minutes of [1, 1, 16]) {
      clock.leap(minutes * MINUTE_MS)
      await looks(1)
      await untilRefused()
    }
    expect(alertEvents(bench).filter((event) => !event.startsWith('alert.sent'))).toEqual(['alert.raised'])
    await cloud.enrol(bench.journal())
    clock.leap(5 * MINUTE_MS)
    await bench.until(() => told().length === 2)
    expect(told()).toEqual(['alert.raised', 'alert.resolved'])
  },
)

test('the alert about a damaged journal is sent, and journalled once in that journal', heavy(), async () => {
  const clock = new LeapClock()
  const { bench, hook } = await alerted({ clock, edits: true })
  await using _ = bench
  await bench.till()
  withSqlite(bench.config.state, (db) => db.exec("UPDATE event SET body = '{}' WHERE seq = 3"))
  clock.leap(MINUTE_MS)
  await bench.until(() => rulesOf(hook, 'journal').length === 1)
  await bench.until(() => sent(bench) === 2)
  clock.leap(10 * MINUTE_MS)
  await turn()
  expect(alertEvents(bench).filter((event) => !event.startsWith('alert.sent'))).toEqual(['alert.raised'])
  expect(rulesOf(hook, 'journal').map(({ type }) => type)).toEqual(['alert.raised'])
})
