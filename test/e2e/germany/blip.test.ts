// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyQr } from '../../../drivers/tr03151/qr.ts'
import { deviceStateIn } from '../../device-state.ts'
import { today } from '../../today.ts'
import { TurningClock, turnedMs } from '../../turning-clock.ts'
import { verifyArchive } from '../../verified-archive.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Operation } from '../client.ts'
import { signed } from '../client.ts'
import { event, goods, pay } from '../goods.ts'

const OUTAGE = { state: 'failed', receipt_text: 'TSE ausgefallen', error: { code: 'unavailable' } }
const BLIPS = ['blip-before', 'blip-in', 'blip-after'] as const
/** Milliseconds of the agent's clock for which a unit may be unplugged without a trace on a receipt. */
const SHORT = [400, 1000, 1900]

/** The clock of agent and unit. The machine may be busy: it stretches with the measured work. */
const clock = new TurningClock(3)

function fast(config = {}) {
  return Bench.open({ clock, config })
}

function start({ id, till }: Register, amount = '3.00') {
  return till.create(goods('sale', id, [[amount, '0.07']]))
}

function finish({ till }: Register, open: Operation, amount = '3.00') {
  return till.complete(open, [pay('cash', amount)])
}

function outages(bench: Bench): (string | undefined)[] {
  return bench
    .journal()
    .map(deviceStateIn)
    .filter((state) => state === 'down' || state === 'foreign')
}

/** How often the unit's own memory has each transaction begun and ended. */
async function logs(bench: Bench): Promise<{ started: number; finished: number }> {
  const bytes = await bench.exported('tse_tar')
  expect((await verifyArchive(bytes)).findings).toEqual([])
  const text = Buffer.from(bytes).toString('latin1')
  const count = (what: string) => text.match(new RegExp(`_Log-Tra_No-\\d+_${what}_`, 'g'))?.length ?? 0
  return { started: count('Start'), finished: count('Finish') }
}

test.each(SHORT.flatMap((ms) => BLIPS.map((name) => [name, ms] as const)))(
  '%s of %i ms at each act costs no signature, and nothing is signed twice',
  async (name, ms) => {
    await using bench = await fast()
    const shop = await bench.till()
    await bench.fault(`${name}=${ms}@start`)
    const open = await start(shop)
    expect(open.fiscal.state).toBe('pending')
    await bench.fault(`${name}=${ms}@finish`)
    const done = await finish(shop, open)
    expect(done.fiscal.state).toBe('succeeded')
    expect(verifyQr(signed(done).verification.qr_data).valid).toBe(true)
    expect(outages(bench)).toEqual([])
    // The opening of the session and the sale.
    expect(await logs(bench)).toEqual({ started: 2, finished: 2 })
  },
)

test.each(BLIPS)('%s of 3 s at completion is an outage with one note on the receipt', async (name) => {
  await using bench = await fast()
  const shop = await bench.till()
  const open = await start(shop)
  await bench.fault(`${name}=3000@finish`)
  const done = await finish(shop, open)
  expect(done).toMatchObject({ status: 'completed', fiscal: { receipt_text: 'TSE ausgefallen' } })
  await bench.untilDevice('ready')
  await bench.until(async () => (await shop.till.read(open.id)).fiscal.state !== 'pending')
  const journal = bench.journal().filter((event) => deviceStateIn(event) === 'down')
  expect(journal).toHaveLength(1)
  // It begins with the first sign of silence, and is written when the window is over.
  const { facts } = JSON.parse(journal[0]?.body ?? '') as { facts: { silent_ms: number } }
  expect(facts.silent_ms).toBeGreaterThanOrEqual(1900)
  expect(facts.silent_ms).toBeLessThan(3000)
  // The open transaction in the unit is ended, once.
  await bench.until(async () => {
    const { started, finished } = await logs(bench)
    return started === 2 && finished === 2
  })
})

test('four tills wait for one end of the window, the next sale does not wait', async () => {
  await using bench = await fast()
  const { locationId } = await bench.shop()
  const tills = await Promise.all([1, 2, 3, 4].map(() => bench.register(locationId)))
  for (const { id, till } of tills) await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  const open = await Promise.all(tills.map((till) => start(till)))
  await bench.fault('blip-before=60000@finish')
  const sinceMs = clock.now()
  const took = async (index: number): Promise<number> => {
    const [till, operation] = [tills[index], open[index]]
    if (till === undefined || operation === undefined) throw new Error('no till')
    expect((await finish(till, operation)).fiscal).toMatchObject(OUTAGE)
    return clock.now() - sinceMs
  }
  const all = await Promise.all([0, 1, 2, 3].map(took))
  // One window of 2 s of the agent's clock, not one for each.
  expect(Math.min(...all)).toBeGreaterThanOrEqual(1900)
  expect(Math.max(...all)).toBeLessThan(3900)
  const [first] = tills
  if (first === undefined) throw new Error('no till')
  const laterMs = clock.now()
  expect((await start(first)).fiscal).toMatchObject(OUTAGE)
  expect(clock.now() - laterMs).toBeLessThan(1000)
  expect(outages(bench)).toEqual(['down'])
})

test('a window is half of the deadline at most', async () => {
  await using bench = await fast({ deadlineMs: 2000, deviceGraceMs: 60_000 })
  const shop = await bench.till()
  const open = await start(shop)
  await bench.fault('blip-before=60000@finish')
  const sinceMs = clock.now()
  expect((await finish(shop, open)).fiscal).toMatchObject(OUTAGE)
  const tookMs = clock.now() - sinceMs
  expect(tookMs).toBeGreaterThanOrEqual(700)
  expect(tookMs).toBeLessThan(1900)
})

test('without a window the receipt states the outage at once', async () => {
  await using bench = await fast({ deviceGraceMs: 0 })
  const shop = await bench.till()
  const open = await start(shop)
  await bench.fault('blip-before=400@finish')
  expect((await finish(shop, open)).fiscal).toMatchObject(OUTAGE)
})

test('a repetition with the same key joins the wait, and both get the same receipt', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  const open = await start(shop)
  await bench.fault('blip-after=1000@finish')
  const call = { path: `/v1/operations/${open.id}/complete`, body: { payments: [pay('cash', '3.00')] } }
  const headers = { 'Idempotency-Key': 'same', 'If-Match': '"1"' }
  const answers = await Promise.all([1, 2].map(() => shop.till.call({ ...call, headers })))
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  expect(answers[0]?.text).toBe(answers[1]?.text)
  expect((JSON.parse(answers[0]?.text ?? '') as Operation).fiscal.state).toBe('succeeded')
  expect(await logs(bench)).toEqual({ started: 2, finished: 2 })
})

test('a stop ends the wait at once, the next start reconciles the intent', async () => {
  await using bench = await Bench.open({ config: { deviceGraceMs: 50_000, deadlineMs: 100_000 } })
  const shop = await bench.till()
  const open = await start(shop)
  await bench.fault('blip-after=60000@finish')
  const answered = finish(shop, open)
  await bench.until(() => bench.agent.application.devices().some((device) => device['state'] === 'down'))
  const sinceMs = turnedMs()
  await bench.restart()
  expect(turnedMs() - sinceMs).toBeLessThan(15_000)
  expect((await answered).fiscal).toMatchObject({ state: 'pending', receipt_text: 'TSE ausgefallen' })
  await bench.until(async () => (await shop.till.read(open.id)).fiscal.state === 'succeeded')
  expect(await logs(bench)).toEqual({ started: 2, finished: 2 })
})

test('sessions, counts, closings and client registrations wait too', async () => {
  await using bench = await fast()
  const { locationId } = await bench.shop()
  await bench.fault('blip-in=1000@registerClient')
  const shop = await bench.register(locationId)
  await bench.fault('blip-after=1000@start')
  const opened = await shop.till.create(event('session_open', shop.id, { opening_balance_amount: '9.00' }))
  await bench.fault('blip-before=1000@finish')
  const counted = await shop.till.create(event('session_cash_count', shop.id, { counted_closing_amount: '9.00' }))
  await bench.fault('blip-in=1000@start')
  const closing = { business_date: today(), closing_adjustment_amount: '-9.00' }
  const closed = await shop.till.create(event('session_close', shop.id, closing))
  expect([opened, counted, closed].map(({ fiscal }) => fiscal.state)).toEqual(['succeeded', 'succeeded', 'succeeded'])
  expect(outages(bench)).toEqual([])
})

/** The opening of the session, and that of the drawer. */
const OPENINGS = { started: 2, finished: 2 }

function openDrawer({ till }: Register) {
  return till.post('/v1/cash-drawer-openings', { occurred_at: '2026-03-02T12:00:00Z', reason: 'Wechselgeld' })
}

test.each(SHORT.flatMap((ms) => BLIPS.map((name) => [name, ms] as const)))(
  '%s of %i ms at the start and the end of a drawer opening costs no signature, and nothing is signed twice',
  async (name, ms) => {
    await using bench = await fast({ dsfinvk: { exportDrawerOpenings: true } })
    const shop = await bench.till()
    for (const act of ['start', 'finish']) await bench.fault(`${name}=${ms}@${act}`)
    const opened = await openDrawer(shop)
    expect(opened['fiscal']).toMatchObject({ state: 'succeeded', document_type: 'AVSonstige' })
    expect(opened['fiscal']).not.toHaveProperty('receipt_text')
    expect(outages(bench)).toEqual([])
    expect(await logs(bench)).toEqual(OPENINGS)
  },
)

test('a drawer opens in a blip of 3 s too: an outage, with one note on its slip', async () => {
  await using bench = await fast({ dsfinvk: { exportDrawerOpenings: true } })
  const shop = await bench.till()
  await bench.fault('blip-before=3000@start')
  const opened = await openDrawer(shop)
  expect(opened['fiscal']).toMatchObject(OUTAGE)
  const slip = await shop.till.get(`/v1/operations/${String(opened['id'])}/receipt`)
  expect(slip['notices']).toEqual(['NICHT ZERTIFIZIERT', 'TSE ausgefallen'])
  expect(outages(bench)).toEqual(['down'])
})

test('a sale whose start met a blip of 3 s is signed at completion, both ends', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  await bench.fault('blip-before=3000@start')
  const open = await start(shop)
  expect(open.fiscal).toMatchObject(OUTAGE)
  await bench.untilDevice('ready')
  const done = await finish(shop, open)
  expect(done.fiscal).toEqual({ state: 'succeeded', start_event: signed(done).start_event })
  expect(await logs(bench)).toEqual({ started: 2, finished: 2 })
})

test('the page shows a silent device at once, the journal has no blip; five within an hour are a warning', async () => {
  await using bench = await Bench.open({ config: { deviceGraceMs: 20_000, deadlineMs: 60_000 } })
  const shop = await bench.till()
  const states: string[] = []
  const leave = bench.agent.application.changes.onChange((change) => {
    if (change?.kind === 'device.changed') states.push(String(change.data.state))
  })
  for (let blips = 0; blips < 5; blips++) {
    expect(await bench.office.list('/v1/devices')).toMatchObject([{ state: 'ready', warnings: [] }])
    const open = await start(shop)
    await bench.fault('blip-in=120@finish')
    expect((await finish(shop, open)).fiscal.state).toBe('succeeded')
  }
  leave()
  expect(states).toEqual(Array.from({ length: 5 }, () => ['down', 'ready']).flat())
  const [device] = await bench.office.list('/v1/devices')
  expect(device).toMatchObject({ state: 'degraded', warnings: [{ code: 'device_unsteady' }] })
  expect(
    bench
      .journal()
      .map(deviceStateIn)
      .filter((state) => state === 'down' || state === 'ready'),
  ).toHaveLength(1)
})

test('another unit that replaces it has no window', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  await bench.loseTse()
  const sinceMs = clock.now()
  expect((await start(shop)).fiscal).toMatchObject({ state: 'failed', error: { code: 'foreign' } })
  expect(clock.now() - sinceMs).toBeLessThan(1000)
})

test('a unit that is unplugged for half of each second signs every sale', async () => {
  await using bench = await Bench.open({ clock })
  const shop = await bench.till()
  let isOver = false
  const pull = (): void => {
    if (isOver) return
    void bench.fault('blip-before=500@*')
    clock.after(1000, pull)
  }
  pull()
  const took: number[] = []
  for (const sinceMs = clock.now(); clock.now() - sinceMs < 12_000; ) {
    const begunMs = clock.now()
    const done = await finish(shop, await start(shop))
    expect(done.fiscal).toMatchObject({ state: 'succeeded' })
    took.push(clock.now() - begunMs)
  }
  isOver = true
  await bench.fault('clear')
  expect(outages(bench)).toEqual([])
  expect(Math.max(...took)).toBeLessThan(3000)
  const { started, finished } = await logs(bench)
  expect([started, finished]).toEqual([took.length + 1, took.length + 1])
})
