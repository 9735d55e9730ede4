// @module-tag heavy
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { agentFindings } from '../../../agent/cli/checks/devices.ts'
import { ReceiptOutages } from '../../../agent/devices/receipt-outages.ts'
import { rfc3339 } from '../../../base/clock.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import type { Operation } from '../client.ts'
import { signed } from '../client.ts'
import { goods, pay } from '../goods.ts'

const ABORT = 'AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^'

function start({ id, till }: Register, amount = '3.00') {
  return till.create(goods('sale', id, [[amount, '0.07']]))
}

function finish({ till }: Register, open: Operation, amount = '3.00') {
  return till.complete(open, [pay('cash', amount)])
}

const SUSPECT = {
  state: 'failed',
  receipt_text: 'TSE ausgefallen\nUhrzeit nicht gesichert',
  error: { code: 'clock_suspect' },
}

/** The logs of the TSE in their order, those of its system too. */
async function logTimes(bench: Bench): Promise<string[]> {
  const text = Buffer.from(await bench.exported('tse_tar')).toString('latin1')
  const logs = [...text.matchAll(/Unixt_(\d+)_Sig-(\d+)_Log/g)].map(([, time, counter]) => [
    Number(counter),
    Number(time),
  ])
  return logs.sort(([one = 0], [other = 0]) => one - other).map(([, time = 0]) => new Date(time * 1000).toISOString())
}

async function told(bench: Bench): Promise<unknown> {
  return (await bench.office.get('/readyz'))['warnings']
}

test.for([
  ['lost', '1970-01-01T00:00:10Z', /says 1970-01-01T00:\S+, an event of the journal is of 2026-11-20T20:00/],
  ['set back', '2026-11-20T15:00:00Z', /says 2026-11-20T15:00:\S+, an event of the journal is of 2026-11-20T20:00/],
] as const)(
  'with a clock that was %s while the agent was stopped nothing is signed and every sale continues',
  async ([, to, detail]) => {
    const clock = new CalendarClock('2026-11-20T20:00:00Z')
    await using bench = await Bench.open({ clock })
    const { id, key } = await bench.till()
    expect(await told(bench)).toEqual([])
    await bench.restart(async () => clock.jump(to))
    expect(await told(bench)).toMatchObject([{ code: 'clock_implausible', severity: 'alarm' }])
    const [finding] = agentFindings(bench.agent.application.readiness())
    expect(finding?.message).toMatch(detail)
    const till = bench.client({ 'X-Register-Api-Key': key })
    const open = await till.create(goods('sale', id, [['1.00', '0.07']]))
    expect(open.fiscal).toMatchObject(SUSPECT)
    expect(await till.complete(open, [pay('cash', '1.00')])).toMatchObject({ status: 'completed', fiscal: SUSPECT })
    await bench.restart()
    expect(await told(bench)).toMatchObject([{ code: 'clock_implausible', severity: 'alarm' }])
    // An auditor has the archive of such a machine.
    const times = await logTimes(bench)
    expect(times).toEqual([...times].sort())
    expect(times.at(-1)).toMatch(/^2026-11-20T20:/)
    clock.jump('2026-11-20T20:05:00Z')
    await bench.untilDevice('ready')
    expect(JSON.stringify(await told(bench))).not.toContain('clock')
    const after = await till.create(goods('sale', id, [['1.00', '0.07']]))
    expect((await till.complete(after, [pay('cash', '1.00')])).fiscal.state).toBe('succeeded')
    expect(signed(await till.read(after.id)).start_event.signed_at).toMatch(/^2026-11-20T20:05/)
  },
)

test('a clock set back under the running agent is an alarm at once, and signs again when vouched for', async () => {
  const clock = new CalendarClock('2026-11-20T20:00:00Z')
  await using bench = await Bench.open({ clock })
  const shop = await bench.till()
  const opened = await start(shop)
  const stale = await start(shop)
  clock.jump('2026-11-20T19:00:00Z')
  expect((await finish(shop, stale)).fiscal).toMatchObject(SUSPECT)
  expect(await told(bench)).toMatchObject([{ code: 'clock_implausible', severity: 'alarm' }])
  await bench.untilDevice('down')
  const refused = bench.agent.administration.deviceAct('tse-1', 'set-time')
  await expect(refused).rejects.toMatchObject({ code: 'clock_suspect', effect: 'none' })
  const tasks = () => bench.agent.administration.listTasks() as readonly { id: string }[]
  const [task] = tasks()
  expect(task?.id).toMatch(/^clock-20261120200\d+$/)
  await bench.agent.administration.confirmTask(String(task?.id))
  expect([await told(bench), tasks()]).toEqual([[], []])
  // Begun by the clock that ran ahead, ended by the one that is right.
  const done = signed(await finish(shop, opened))
  expect(done.start_event.signed_at).toMatch(/^2026-11-20T20:00/)
  expect(done.end_event.signed_at).toMatch(/^2026-11-20T19:00/)
  const exported = Buffer.from(await bench.exported('tse_tar')).toString('latin1')
  expect(exported.split(ABORT)).toHaveLength(2)
  const right = bench.journal().filter(({ body }) => JSON.parse(body).clock === 'right')
  const facts = {
    from: expect.stringMatching(/^2026-11-20T20:00/),
    to: expect.stringMatching(/^2026-11-20T19:00/),
    by: task?.id,
  }
  expect(right.map(({ body }) => JSON.parse(body))).toMatchObject([{ facts }])
  const outages = new ReceiptOutages()
  for (const event of bench.journal()) outages.note(event)
  const [outage, ...others] = outages.report().outages
  expect([rfc3339(outage?.fromMs ?? 0), rfc3339(outage?.toMs ?? 0)]).toEqual([
    expect.stringMatching(/^2026-11-20T19:00/),
    expect.stringMatching(/^2026-11-20T19:00/),
  ])
  const message = expect.stringContaining('2026-11-20T20:00')
  expect([outage?.cause, others]).toEqual([{ code: 'clock_suspect', message }, []])
  await bench.restart()
  expect([await told(bench), tasks()]).toEqual([[], []])
})

test('a clock that has lost its time is not vouched for', async () => {
  const clock = new CalendarClock('2026-11-20T20:00:00Z')
  await using bench = await Bench.open({ clock })
  await bench.till()
  await bench.restart(async () => clock.jump('2025-12-31T23:59:00Z'))
  expect(bench.agent.administration.listTasks()).toEqual([])
  clock.jump('2026-01-01T00:00:00Z')
  expect(bench.agent.administration.listTasks()).toMatchObject([{ id: expect.stringMatching(/^clock-/) }])
})

test('25 seconds back are signed, and no log is earlier than an older one', async () => {
  const clock = new CalendarClock('2026-11-20T20:00:25Z')
  await using bench = await Bench.open({ clock })
  const shop = await bench.till()
  const first = await start(shop)
  for (const restarts of [false, true]) {
    clock.jump('2026-11-20T20:00:00Z')
    if (restarts) await bench.restart()
    expect((await finish(shop, restarts ? await start(shop) : first)).fiscal.state).toBe('succeeded')
  }
  const times = await logTimes(bench)
  expect(times).toEqual([...times].sort())
  expect(await told(bench)).toEqual([])
})

test('a step ahead is sent to the TSE before its next act', async () => {
  const clock = new CalendarClock('2026-11-20T20:00:00Z')
  await using bench = await Bench.open({ clock })
  const shop = await bench.till()
  clock.jump('2026-11-20T23:00:00Z')
  expect(signed(await finish(shop, await start(shop))).start_event.signed_at).toMatch(/^2026-11-20T23:00/)
})

test('a TSE gets no time after the end of its certificate, and signs again once the right one is confirmed', async () => {
  const clock = new CalendarClock('2026-11-20T20:00:00Z')
  await using bench = await Bench.open({ clock })
  const shop = await bench.till()
  const opened = await start(shop)
  clock.jump('2036-01-01T00:00:00Z')
  expect((await finish(shop, await start(shop))).fiscal).toMatchObject(SUSPECT)
  const [warning] = (await told(bench)) as readonly { code: string }[]
  expect(warning).toMatchObject({ code: 'clock_implausible', severity: 'alarm' })
  const refused = bench.agent.administration.deviceAct('tse-1', 'set-time')
  await expect(refused).rejects.toMatchObject({ code: 'clock_suspect', effect: 'none' })
  await bench.restart()
  clock.jump('2026-11-20T20:10:00Z')
  const [task] = bench.agent.administration.listTasks() as readonly { id: string }[]
  await bench.agent.administration.confirmTask(String(task?.id))
  await bench.untilDevice('ready')
  const till = bench.client({ 'X-Register-Api-Key': shop.key })
  expect(signed(await finish({ ...shop, till }, opened)).end_event.signed_at).toMatch(/^2026-11-20T20:10/)
  expect((await logTimes(bench)).filter((time) => time > '2027')).toEqual([])
})

test('a clock that is right after the end of the certificate is confirmed by the machine, and the TSE gets the time', async () => {
  const clock = new CalendarClock('2026-11-20T20:00:00Z')
  const { PATH, say } = await machineSaying('NTPSynchronized=no')
  await using bench = await Bench.open({ clock, commands: { PATH } })
  const shop = await bench.till()
  clock.jump('2036-01-01T00:00:00Z')
  expect((await finish(shop, await start(shop))).fiscal).toMatchObject(SUSPECT)
  const [task] = bench.agent.administration.listTasks() as readonly { id: string; title: string }[]
  expect(task?.id).toMatch(/^clock-2034/)
  expect(task?.title).toContain('the certificate of a TSE ended at 2034')
  await say('NTPSynchronized=yes')
  await bench.until(async () => bench.journal().some(({ kind }) => kind === 'clock.confirmed'))
  await bench.untilDevice('degraded')
  expect(signed(await finish(shop, await start(shop))).start_event.signed_at).toMatch(/^2036-01-01T00:00/)
  expect(bench.agent.administration.listTasks()).toEqual([])
})

test('a register is made known to its TSE when the time is right again', async () => {
  const clock = new CalendarClock('2026-11-20T20:00:00Z')
  await using bench = await Bench.open({ clock })
  const { locationId } = await bench.shop()
  await bench.register(locationId)
  clock.jump('2026-11-20T19:00:00Z')
  const { id } = await bench.office.post('/v1/registers', { location_id: locationId, name: 'Kasse 2' })
  const waiting = await bench.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  expect(waiting).toMatchObject({ fiscalization_status: 'pending' })
  clock.jump('2026-11-20T20:01:00Z')
  const status = async () => (await bench.office.get(`/v1/registers/${id}`))['fiscalization_status']
  await bench.until(async () => (await status()) === 'fiscalized')
})

test('a clock that was a year ahead and is right again is an alarm until the technician confirms it, and no longer', async () => {
  const clock = new CalendarClock('2026-11-20T20:00:00Z')
  await using bench = await Bench.open({ clock })
  clock.jump('2027-11-20T20:00:00Z')
  await bench.till()
  const alarms = async () => ((await told(bench)) as readonly { code: string }[]).map(({ code }) => code)
  for (const _restart of [1, 2]) await bench.restart(async () => clock.jump('2026-11-20T20:30:00Z'))
  expect(await alarms()).toEqual(['clock_implausible'])
  const tasks = () => bench.agent.administration.listTasks() as readonly { id: string }[]
  const [task] = tasks()
  await bench.agent.administration.confirmTask(String(task?.id))
  expect([await alarms(), tasks()]).toEqual([[], []])
  await bench.restart()
  expect([await alarms(), tasks()]).toEqual([[], []])
})

/** A folder with a `timedatectl` that prints this, for PATH. */
async function machineSaying(text: string): Promise<{ PATH: string; say: (other: string) => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'path-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const say = async (words: string): Promise<void> => {
    await writeFile(join(folder, 'timedatectl'), `#!/bin/sh\necho ${words}\n`)
    await chmod(join(folder, 'timedatectl'), 0o755)
  }
  await say(text)
  return { PATH: folder, say }
}

test('a machine that is synchronised since the step vouches for its clock, one that is not does not', async () => {
  const clock = new CalendarClock('2026-11-20T20:00:00Z')
  const { PATH, say } = await machineSaying('NTPSynchronized=no')
  await using bench = await Bench.open({ clock, commands: { PATH } })
  const shop = await bench.till()
  await finish(shop, await start(shop))
  clock.jump('2026-11-20T18:00:00Z')
  expect((await finish(shop, await start(shop))).fiscal).toMatchObject(SUSPECT)
  await bench.restart()
  const till = bench.client({ 'X-Register-Api-Key': shop.key })
  const again = { ...shop, till }
  expect((await finish(again, await start(again))).fiscal).toMatchObject(SUSPECT)
  await say('NTPSynchronized=yes')
  await bench.untilDevice('ready')
  const done = signed(await finish(again, await start(again)))
  expect(done.end_event.signed_at).toMatch(/^2026-11-20T18:00/)
  const vouched = bench.journal().filter(({ kind }) => kind === 'clock.confirmed')
  expect(vouched.map(({ body }) => JSON.parse(body))).toMatchObject([
    {
      clock: 'right',
      facts: {
        from: expect.stringMatching(/^2026-11-20T20:00/),
        to: expect.stringMatching(/^2026-11-20T18:00/),
        by: 'ntp',
      },
    },
  ])
  // For this step alone.
  await say('NTPSynchronized=no')
  clock.jump('2026-11-20T17:00:00Z')
  expect((await finish(again, await start(again))).fiscal).toMatchObject(SUSPECT)
})
