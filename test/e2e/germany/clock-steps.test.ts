// @module-tag heavy
import { expect, test } from 'vitest'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Operation } from '../client.ts'
import { signed } from '../client.ts'
import { goods, pay } from '../goods.ts'
import { SteppingMachine, skewOf, stepSizes, stepsIn } from '../stepping-machine.ts'

const [DAY, HOUR] = [86_400, 3600]
/** No whole minute: a unit whose logs all have one is taken to count minutes alone. */
const EVENING = '2026-11-19T20:00:07Z'

function start({ id, till }: Register) {
  return till.create(goods('sale', id, [['3.00', '0.07']]))
}

function finish({ till }: Register, open: Operation) {
  return till.complete(open, [pay('cash', '3.00')])
}

async function sell(shop: Register): Promise<Operation> {
  return finish(shop, await start(shop))
}

/** Start and end of a signed sale, to the minute. */
async function minutesOf(sale: Promise<Operation>): Promise<string[]> {
  const { start_event, end_event } = signed(await sale)
  return [start_event, end_event].map(({ signed_at }) => signed_at.slice(0, 16))
}

async function alarms(bench: Bench): Promise<unknown> {
  return (await bench.office.get('/readyz'))['warnings']
}

/** How often the TSE was given the time. */
async function settings(bench: Bench): Promise<number> {
  const archive = Buffer.from(await bench.exported('tse_tar')).toString('latin1')
  return new Set(archive.match(/Unixt_\d+_Sig-\d+_Log-Sys_UpdateTime/g)).size
}

/** A shop on a machine, and its register after a restart. */
async function opened(time = EVENING) {
  const machine = new SteppingMachine(time)
  const bench = await Bench.open({ clock: machine, boot: machine })
  const { key, ...shop } = await bench.till()
  const restart = async (between: () => void): Promise<void> => {
    await bench.restart(async () => between())
    await bench.untilDevice('ready')
  }
  return {
    ...{ machine, bench, restart, shop: { ...shop, key } },
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  }
}

test('a box that boots with the time of yesterday signs with the right time once NTP has stepped its clock', async () => {
  await using box = await opened()
  const { bench, machine, shop } = box
  expect(skewOf(bench)).toBeTypeOf('number')
  machine.step(DAY * 1000)
  await bench.until(() => skewOf(bench) === null)
  expect(await minutesOf(sell(shop))).toEqual(['2026-11-20T20:00', '2026-11-20T20:00'])
  const [note] = stepsIn(bench)
  expect(stepSizes(bench)).toEqual([DAY])
  expect([note?.from.slice(0, 16), note?.to.slice(0, 16)]).toEqual(['2026-11-19T20:00', '2026-11-20T20:00'])
  expect(skewOf(bench)).toBeTypeOf('number')
  // By the right time, the session that was opened yesterday is open for a day.
  expect(await alarms(bench)).toMatchObject([{ code: 'session_open_long' }])
  const line = { level: 'warn', message: 'the clock of this machine stepped', fields: { ms: note?.by_ms } }
  expect(bench.lines).toContainEqual(line)
})

test('a step is in the journal before the sale that follows it is answered', async () => {
  await using box = await opened()
  for (const days of [1, 2, 3]) {
    box.machine.step(DAY * 1000)
    await start(box.shop)
    expect(stepSizes(box.bench)).toHaveLength(days)
  }
})

test('a step back by an hour is journalled, and an alarm with its size until the time has caught up', async () => {
  await using box = await opened()
  const { bench, machine, shop } = box
  await sell(shop)
  machine.step(-HOUR * 1000)
  expect((await sell(shop)).fiscal).toMatchObject({ state: 'failed', error: { code: 'clock_suspect' } })
  expect(bench.agent.application.readiness().warnings).toMatchObject([
    { code: 'clock_implausible', severity: 'alarm', detail: expect.stringMatching(/stepped by -3600 s$/) },
  ])
  machine.step(HOUR * 1000)
  await bench.untilDevice('ready')
  expect(await minutesOf(sell(shop))).toEqual(['2026-11-19T20:00', '2026-11-19T20:00'])
  expect(await alarms(bench)).toEqual([])
  expect(stepSizes(bench)).toEqual([-HOUR, HOUR])
})

test('a step back by 30 s is journalled, and no log is earlier than an older one', async () => {
  await using box = await opened('2026-11-19T20:00:40Z')
  const before = signed(await sell(box.shop)).end_event.signed_at
  box.machine.step(-30_000)
  const after = signed(await sell(box.shop))
  expect(after.start_event.signed_at >= before).toBe(true)
  expect(stepSizes(box.bench)).toEqual([-30])
  expect(await alarms(box.bench)).toEqual([])
})

test('a time that was typed wrong and corrected at once bounds nothing: TSEs sign on', async () => {
  await using box = await opened()
  const { bench, machine, shop } = box
  machine.step(400 * DAY * 1000)
  await bench.until(() => stepSizes(bench).length === 1)
  machine.step(-400 * DAY * 1000)
  await bench.until(() => stepSizes(bench).length === 2)
  expect(await minutesOf(sell(shop))).toEqual(['2026-11-19T20:00', '2026-11-19T20:00'])
  await box.restart(() => undefined)
  expect(await alarms(bench)).toEqual([])
})

test('a night of suspend is not a step; the TSE gets the time before its next act', async () => {
  await using box = await opened()
  const { bench, machine, shop } = box
  machine.suspend(12 * HOUR * 1000)
  await bench.until(() => skewOf(bench) === null)
  expect(await minutesOf(sell(shop))).toEqual(['2026-11-20T08:00', '2026-11-20T08:00'])
  expect(skewOf(bench)).toBeTypeOf('number')
  machine.suspend(HOUR * 1000)
  await box.restart(() => machine.suspend(HOUR * 1000))
  expect(stepSizes(bench)).toEqual([])
})

test.for([DAY, -30] as const)(
  'a step of %i s between two starts of one boot is journalled with its size',
  async (by) => {
    await using box = await opened()
    const { bench, machine, shop } = box
    await box.restart(() => machine.step(by * 1000))
    expect(stepSizes(bench)).toEqual([by])
    const till = bench.client({ 'X-Register-Api-Key': shop.key })
    const [begun] = await minutesOf(sell({ ...shop, till }))
    expect(begun).toBe(by === DAY ? '2026-11-20T20:00' : '2026-11-19T20:00')
    await box.restart(() => undefined)
    expect(stepSizes(bench)).toEqual([by])
  },
)

test('after a reboot a step back is journalled, and one ahead cannot be seen', async () => {
  await using box = await opened()
  const { bench, machine, shop } = box
  await sell(shop)
  await box.restart(() => {
    machine.reboot()
    machine.step(DAY * 1000)
  })
  expect(stepSizes(bench)).toEqual([])
  await bench.restart(async () => {
    machine.reboot()
    machine.step(-HOUR * 1000)
  })
  // The time that the restart took is missing in it.
  const back = expect.closeTo(-HOUR, -2)
  expect(stepSizes(bench)).toEqual([back])
  expect(await alarms(bench)).toMatchObject([{ code: 'clock_implausible' }, { code: 'session_open_long' }])
  // The same clock at another start of this boot is no other step.
  await bench.restart()
  expect(stepSizes(bench)).toEqual([back])
})

test('a step during an act moves no log of it; the next act has the right time', async () => {
  await using box = await opened()
  const { bench, machine, shop } = box
  await bench.fault('slow=300@finish')
  const open = await start(shop)
  const finishing = finish(shop, open)
  await bench.until(() => bench.journal().some(({ body }) => /"name":"finish"/.test(body)))
  machine.step(DAY * 1000)
  await finishing
  await bench.fault('clear')
  expect(await minutesOf(sell(shop))).toEqual(['2026-11-20T20:00', '2026-11-20T20:00'])
  expect(stepSizes(bench)).toEqual([DAY])
})

test('each step by a day is sent before the next act, small ones once a minute', async () => {
  await using box = await opened()
  const { bench, machine, shop } = box
  const before = await settings(bench)
  for (const minute of ['2026-11-20T20:00', '2026-11-21T20:00']) {
    machine.step(DAY * 1000)
    expect(await minutesOf(sell(shop))).toEqual([minute, minute])
  }
  expect(await settings(bench)).toBe(before + 2)
  for (const _step of [1, 2, 3]) {
    machine.step(5000)
    await sell(shop)
  }
  expect(await settings(bench)).toBe(before + 3)
  expect(stepSizes(bench)).toEqual([DAY, DAY, 5, 5, 5])
})
