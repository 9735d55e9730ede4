// @module-tag heavy
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyQr } from '../../../drivers/tr03151/qr.ts'
import { deviceStateIn } from '../../device-state.ts'
import { patientClock } from '../../patient-clock.ts'
import { today } from '../../today.ts'
import { verifyArchive } from '../../verified-archive.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Operation } from '../client.ts'
import { processData, signed } from '../client.ts'
import { FastClock } from '../fast-clock.ts'
import { event, goods, pay } from '../goods.ts'

const OUTAGE = { state: 'failed', receipt_text: 'TSE ausgefallen', error: { code: 'unavailable' } }
const ABORT = 'AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^'

/** Seconds of the agent are tenths here: probes and deadlines pass quickly. */
function fast() {
  return Bench.open({ clock: new FastClock(10) })
}

function start({ id, till }: Register, amount = '3.00') {
  return till.create(goods('sale', id, [[amount, '0.07']]))
}

function finish({ till }: Register, open: Operation, amount = '3.00') {
  return till.complete(open, [pay('cash', amount)])
}

async function closeBehindOutage(bench: Bench, shop: Register): Promise<void> {
  await bench.fault('memory-full@finish')
  expect((await finish(shop, await start(shop))).fiscal.state).toBe('failed')
  await shop.till.create(event('session_cash_count', shop.id, { counted_closing_amount: '3.00' }))
  await shop.till.create(event('session_close', shop.id, { business_date: today() }))
}

async function archive(bench: Bench): Promise<{ aborted: number; finished: number }> {
  const bytes = await bench.exported('tse_tar')
  const report = await verifyArchive(bytes)
  expect(report.findings).toEqual([])
  const text = Buffer.from(bytes).toString('latin1')
  return { aborted: text.split(ABORT).length - 1, finished: text.match(/_Log-Tra_No-\d+_Finish_/g)?.length ?? 0 }
}

test('with the device down nothing waits for it: a sale is answered with the words of the outage', async () => {
  const acts: string[] = []
  const atPoint = (point: string): void => {
    if (point.startsWith('device.before-')) acts.push(point)
  }
  await using bench = await Bench.open({ atPoint })
  const shop = await bench.till()
  await start(shop)
  await bench.fault('unplugged@*')
  const first = await start(shop)
  expect(first.fiscal).toMatchObject(OUTAGE)
  await bench.untilDevice('down')
  expect(acts).not.toEqual([])
  acts.length = 0
  for (let sales = 0; sales < 5; sales++) {
    const open = await start(shop)
    expect(open).toMatchObject({ status: 'open', fiscal: OUTAGE, fiscal_information: null })
    const done = await finish(shop, open)
    expect(done).toMatchObject({ status: 'completed', fiscal: OUTAGE, fiscal_information: null })
  }
  expect(acts).toEqual([])
  const down = bench.journal().filter((event) => deviceStateIn(event) === 'down')
  expect(down).toHaveLength(1)
  // The lines in `journalctl -p warning`: the reason, and once.
  const warned = bench.lines.filter(({ level, fields }) => level === 'warn' && fields['device_id'] === 'tse-1')
  expect(warned.map(({ fields }) => [fields['state'], fields['code']])).toEqual([['down', 'unavailable']])
  expect(JSON.parse(down[0]?.body ?? '')).toMatchObject({ facts: { device: 'tse-1', code: 'unavailable' } })
  expect(await bench.office.list('/v1/devices')).toMatchObject([
    { state: 'down', warnings: [{ code: 'device_unavailable' }] },
  ])
  const ready = await (await fetch(`${bench.url}/readyz`)).json()
  expect(ready).toMatchObject({ state: 'degraded', devices: [{ id: 'tse-1', state: 'down' }] })
  expect(await shop.till.get(`/v1/registers/${shop.id}/session`)).toMatchObject({ expected_closing_amount: '65.00' })
})

test('a whole shift runs during an outage, and its receipts state it', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  await bench.fault('unplugged@*')
  const done = await finish(shop, await start(shop))
  const text = await shop.till.call({ path: `/v1/operations/${done.id}/receipt?format=text` })
  expect(text.text).toContain('TSE ausgefallen')
  const given = await start(shop)
  expect(await shop.till.void(given)).toMatchObject({ status: 'voided', fiscal: OUTAGE })
  const counted = await shop.till.create(event('session_cash_count', shop.id, { counted_closing_amount: '53.00' }))
  expect(counted).toMatchObject({ closing_cashcount_diff: '0.00', fiscal: OUTAGE })
  const closing = { business_date: today(), closing_adjustment_amount: '-53.00' }
  expect(await shop.till.create(event('session_close', shop.id, closing))).toMatchObject({ fiscal: OUTAGE })
})

test('the device comes back automatically; a bon of the outage is never signed later', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  await bench.fault('unplugged@*')
  const lost = await finish(shop, await start(shop))
  await bench.fault('clear')
  await bench.untilDevice('ready')
  const done = await finish(shop, await start(shop))
  expect(processData(done)).toBe('Beleg^0.00_3.00_0.00_0.00_0.00^3.00:Bar')
  expect(signed(done).receipt_number).toBe('3')
  expect(await shop.till.read(lost.id)).toEqual(lost)
  expect(bench.journal().filter((event) => deviceStateIn(event) === 'ready').length).toBe(2)
  expect(await archive(bench)).toEqual({ aborted: 0, finished: 2 })
})

test('start failed, the device back at completion: start and finish are signed then', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  await bench.fault('unplugged@*')
  const open = await start(shop)
  const given = await start(shop)
  expect(open.fiscal).toMatchObject(OUTAGE)
  await bench.fault('clear')
  await bench.untilDevice('ready')
  const done = await finish(shop, open)
  expect(done.fiscal).toEqual({ state: 'succeeded', start_event: signed(done).start_event })
  expect(verifyQr(signed(done).verification.qr_data).valid).toBe(true)
  expect(processData(await shop.till.void(given))).toBe(ABORT)
})

test('unplugged in the middle of a sale: the bon is an outage, its transaction is ended as aborted afterwards', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  const open = await start(shop)
  const opened = await start(shop)
  await bench.fault('unplugged@*')
  const done = await finish(shop, open)
  expect(done.fiscal).toMatchObject({ ...OUTAGE, start_event: open.fiscal.start_event })
  await bench.fault('clear')
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'transaction.aborted'))
  expect(await shop.till.read(done.id)).toEqual(done)
  expect(processData(await finish(shop, opened))).toMatch(/^Beleg/)
  expect(await archive(bench)).toEqual({ aborted: 1, finished: 3 })
  const receipts = bench
    .journal()
    .flatMap(({ body }) => (JSON.parse(body) as { receipt?: { number: number } }).receipt ?? [])
  expect(receipts.map(({ number }) => number)).toEqual([1, 2, 3, 4])
})

test('a full memory is an outage and selling continues', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  await bench.fault('memory-full@finish')
  const done = await finish(shop, await start(shop))
  expect(done.fiscal).toMatchObject({
    state: 'failed',
    error: { code: 'memory_full' },
    receipt_text: 'TSE ausgefallen',
  })
  const [device] = await bench.office.list('/v1/devices')
  expect(device).toMatchObject({ state: 'degraded', warnings: [{ code: 'device_memory_full' }] })
  expect((await finish(shop, await start(shop))).fiscal.state).toBe('succeeded')
  expect(await bench.office.list('/v1/devices')).toMatchObject([{ state: 'ready', warnings: [] }])
})

test('a register is retired after an outage: open transactions in the TSE are ended first, and in the last Z', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  await closeBehindOutage(bench, shop)
  const path = `/v1/registers/${shop.id}/decommission`
  expect(await bench.office.post(path, {}, 200)).toMatchObject({ fiscalization_status: 'decommissioned' })
  expect(await archive(bench)).toMatchObject({ aborted: 1 })
  expect(Buffer.from(await bench.exported('dsfinvk')).length).toBeGreaterThan(0)
  const sessions = await bench.office.list(`/v1/sessions?register_id=${shop.id}`)
  expect(sessions).toHaveLength(2)
})

test('a register does not leave the TSE while one of its bons is unresolved', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10), config: { deadlineMs: 500 } })
  const shop = await bench.till()
  const open = await start(shop)
  await bench.fault('lost-request@finish')
  expect((await finish(shop, open)).fiscal.state).toBe('pending')
  const count = await shop.till.create(event('session_cash_count', shop.id, { counted_closing_amount: '3.00' }))
  await shop.till.create(event('session_close', shop.id, { business_date: today() }))
  const call = { path: `/v1/registers/${shop.id}/decommission`, body: {} }
  const refusal = await bench.office.refused(call)
  expect([refusal.status, refusal.code, refusal.fiscal_effect]).toEqual([503, 'reconciling', 'none'])
  expect(bench.journal().some(({ kind }) => kind === 'register.decommission_requested')).toBe(false)
  for (const { id } of [open, count])
    await bench.until(async () => (await shop.till.read(id)).fiscal.state !== 'pending')
  expect(await bench.office.post(call.path, {}, 200)).toMatchObject({ fiscalization_status: 'decommissioned' })
})

test('a register does not leave the TSE while the abort of one of its transactions is unresolved', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  await closeBehindOutage(bench, shop)
  await bench.fault('lost-answer@finish', 'garbled@openTransactions#2+')
  const call = { path: `/v1/registers/${shop.id}/decommission`, body: {} }
  expect((await bench.office.refused(call)).status).toBe(503)
  await bench.untilDevice('ready')
  const refusal = await bench.office.refused(call)
  expect([refusal.status, refusal.code, refusal.fiscal_effect]).toEqual([503, 'reconciling', 'none'])
  await bench.fault('clear')
  expect(await bench.office.post(call.path, {}, 200)).toMatchObject({ fiscalization_status: 'decommissioned' })
  const kinds = bench.journal().map(({ kind }) => kind)
  expect(kinds.indexOf('transaction.aborted')).toBeLessThan(kinds.indexOf('register.decommission_requested'))
  expect(await archive(bench)).toMatchObject({ aborted: 1 })
})

test('with an expired certificate the stored log is found and the technician is warned', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  await bench.fault('certificate-expired@finish')
  const done = await finish(shop, await start(shop))
  expect(done.fiscal.state).toBe('succeeded')
  expect(verifyQr(signed(done).verification.qr_data).valid).toBe(true)
  const [device] = await bench.office.list('/v1/devices')
  expect(device).toMatchObject({ state: 'degraded', warnings: [{ code: 'device_certificate_expired' }] })
  // Its health reports the end too: it has ended, and is not also ending.
  await bench.fault('certificate-expired@*#*')
  await bench.agent.administration.deviceAct('tse-1', 'status')
  const [looked] = await bench.office.list('/v1/devices')
  expect(looked).toMatchObject({ state: 'degraded', warnings: [{ code: 'device_certificate_expired' }] })
})

test('a lost clock and a due self-test are fixed unseen', async () => {
  await using bench = await Bench.open()
  const shop = await bench.till()
  for (const fault of ['clock-lost', 'self-test-due']) {
    await bench.fault(`${fault}@start`)
    const open = await start(shop)
    await bench.fault(`${fault}@finish`)
    expect((await finish(shop, open)).fiscal.state).toBe('succeeded')
  }
  expect(bench.journal().filter((event) => deviceStateIn(event) === 'down')).toEqual([])
  await archive(bench)
})

test('a device that is busy for a while is asked again, one that stays busy is an outage of that bon', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  await bench.fault('busy@start#1-4', 'busy@finish#1-4')
  expect((await finish(shop, await start(shop))).fiscal.state).toBe('succeeded')
  await bench.fault('busy@finish#*')
  const done = await finish(shop, await start(shop))
  expect(done.fiscal).toMatchObject({ state: 'failed', error: { code: 'busy' } })
  await bench.fault('clear')
  expect((await finish(shop, await start(shop))).fiscal.state).toBe('succeeded')
})

test('another device than the enrolled one is foreign: nothing is written to it, selling continues with the outage', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  const memory = join(bench.config.state, 'devices', 'tse-1')
  await bench.restart(() => rm(memory, { recursive: true }))
  expect(await bench.office.list('/v1/devices')).toMatchObject([{ state: 'foreign' }])
  expect(await (await fetch(`${bench.url}/readyz`)).json()).toMatchObject({ state: 'degraded' })
  const done = await finish(shop, await start(shop))
  expect(done.fiscal).toMatchObject({ ...OUTAGE, error: { code: 'foreign' } })
  const health = async () => (await bench.office.list('/v1/devices'))[0]?.['health']
  expect(await health()).toMatchObject({ open_transactions: 0 })
})

test('orphaned transactions are ended as aborted when the agent starts', async () => {
  await using bench = await fast()
  const shop = await bench.till()
  const open = await start(shop)
  await bench.fault('unplugged@*')
  await shop.till.void(open)
  const opened = await start(shop)
  await bench.restart()
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'transaction.aborted'))
  expect(await bench.office.list('/v1/devices')).toMatchObject([{ state: 'ready' }])
  expect((await finish(shop, opened)).fiscal.state).toBe('succeeded')
  expect(await archive(bench)).toEqual({ aborted: 1, finished: 3 })
})

test('four registers share a slow device fairly', async () => {
  const devices = [{ id: 'tse-1', driver: 'tse-simulator', latencyMs: 20 }]
  // On a busy machine this device becomes slower, too: otherwise it is idle before the modest requests arrive.
  await using bench = await Bench.open({ clock: patientClock, config: { devices } })
  const { locationId } = await bench.shop()
  const registers: Register[] = []
  for (let step = 0; step < 4; step++) registers.push(await bench.register(locationId))
  for (const { id, till } of registers) await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  const order: number[] = []
  const [greedy, ...modest] = registers
  const sell = async (register: Register, index: number) => {
    await finish(register, await start(register))
    order.push(index)
  }
  const many = Array.from({ length: 12 }, () => greedy && sell(greedy, 0))
  const few = modest.flatMap((register, index) => [1, 2].map(() => sell(register, index + 1)))
  await Promise.all([...many, ...few])
  // Round-robin: the modest six are through before the greedy one's last third.
  const lastOfFew = Math.max(...[1, 2, 3].map((index) => order.lastIndexOf(index)))
  expect(order).toHaveLength(18)
  expect(lastOfFew).toBeLessThan(14)
  await archive(bench)
})
