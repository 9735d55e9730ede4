// @module-tag heavy
import { mkdtempDisposable, readdir, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { vendorTses } from '../../contracts/vendor-tses.ts'
import { patientClock } from '../../patient-clock.ts'
import { turnedMs } from '../../turning-clock.ts'
import { verifyArchive } from '../../verified-archive.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { signed } from '../client.ts'
import { event, goods, pay } from '../goods.ts'
import { LeapClock } from '../leap-clock.ts'
import { closing, counted } from '../shift.ts'

// New signatures of a TSE are read back after each close and each night: some sticks sign for months and export
// nothing.

async function sell({ id, till }: Register): Promise<Members> {
  return till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('cash', '1.00')])
}

async function close(register: Register, cash: string): Promise<void> {
  await counted(register, cash)
  await register.till.create(closing(register, '0.00'))
}

function kinds(bench: Bench): string[] {
  return bench
    .journal()
    .map(({ kind }) => kind)
    .filter((kind) => /^tse\.(archived|read_failed)/.test(kind))
}

async function portions(bench: Bench): Promise<string[]> {
  const folder = join(bench.config.state, 'archives', 'read')
  const units = await readdir(folder).catch(() => [])
  return (await Promise.all(units.map((unit) => readdir(join(folder, unit))))).flat().toSorted()
}

function isUnreadable(bench: Bench): boolean {
  return bench.agent.application.readiness().warnings.some(({ code }) => code === 'tse_unreadable')
}

test('new signatures are read back two seconds after the close of a session, and follow those read before', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  await sell(register)
  await close(register, '51.00')
  expect(kinds(bench)).toEqual([])
  await bench.until(() => kinds(bench).length === 1)
  const [first = ''] = await portions(bench)
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  await sell(register)
  await close(register, '1.00')
  await bench.until(() => kinds(bench).length === 2)
  const files = await portions(bench)
  const spans = files.map((file) => /^(\d+)-(\d+)\.tar\.gz$/.exec(file)?.slice(1).map(Number) ?? [])
  spans.sort(([one = 0], [other = 0]) => one - other)
  expect(files).toContain(first)
  expect(spans).toEqual([
    [1, expect.any(Number)],
    [Number(spans[0]?.[1]) + 1, expect.any(Number)],
  ])
  expect(isUnreadable(bench)).toBe(false)
})

const families = ['tse-simulator', ...Object.keys(vendorTses)]
const faults = ['no-data@*#*', 'read-error@*#*', 'old-only@*#*', 'lost-request@export#*']
const timeouts = { replyMs: 15_000, longMs: 3_000 }

/** The whole agent over a TSE of that family, which can be struck. */
async function withTse(
  driver: string,
  act: (bench: Bench, strike: (fault: string) => Promise<void>, clear: () => Promise<void>) => Promise<void>,
): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'r-'))
  const vendor = await vendorTses[driver]?.open(folder.path, 0)
  try {
    const devices = [vendor === undefined ? { id: 'tse-1', driver } : { ...vendor.device, timeouts }]
    await using bench = await Bench.open({ clock: patientClock, config: { devices, deadlineMs: 20_000 } })
    await bench.agent.administration.deviceAct('tse-1', 'init')
    await act(
      bench,
      async (fault) => (vendor === undefined ? bench.fault(fault) : vendor.unit.inject(fault)),
      async () => (vendor === undefined ? bench.fault('clear') : vendor.unit.clearFaults()),
    )
  } finally {
    await vendor?.close()
  }
}

test.concurrent.each(families.flatMap((driver) => faults.map((fault) => [driver, fault] as const)))(
  'a %s with %s signs and is an alarm at the first close; the next good reading ends it',
  (driver, fault) =>
    withTse(driver, async (bench, strike, clear) => {
      const register = await bench.till()
      await sell(register)
      await close(register, '51.00')
      await bench.until(() => kinds(bench).length === 1)
      await strike(fault)
      await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
      await sell(register)
      await close(register, '1.00')
      await bench.until(() => isUnreadable(bench))
      expect(kinds(bench)).toEqual(['tse.archived', 'tse.read_failed'])
      await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
      const sold = await sell(register)
      expect(sold['fiscal']).toMatchObject({ state: 'succeeded' })
      await clear()
      await close(register, '1.00')
      await bench.until(() => !isUnreadable(bench))
      expect(kinds(bench)).toEqual(['tse.archived', 'tse.read_failed', 'tse.archived'])
    }),
)

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Noon, so that no night comes but that of a leap. */
function noon(): LeapClock {
  const clock = new LeapClock()
  clock.leap((DAY_MS + 12 * HOUR_MS - (clock.now() % DAY_MS)) % DAY_MS)
  return clock
}

test('new signatures are read back at night though no session closed, once', async () => {
  const clock = noon()
  await using bench = await Bench.open({ clock })
  const register = await bench.till()
  await sell(register)
  clock.leap(25 * HOUR_MS)
  await bench.until(() => kinds(bench).length === 1)
  // Nothing was signed since.
  clock.leap(25 * HOUR_MS)
  await sell(register)
  clock.leap(HOUR_MS)
  expect(kinds(bench)).toEqual(['tse.archived'])
})

test('a unit that cannot be read is an alarm in the first night; it is tried again an hour later', async () => {
  const clock = noon()
  await using bench = await Bench.open({ clock })
  await sell(await bench.till())
  await bench.fault('no-data@*#*')
  clock.leap(25 * HOUR_MS)
  await bench.until(() => isUnreadable(bench))
  await bench.restart()
  expect(isUnreadable(bench)).toBe(true)
  clock.leap(HOUR_MS)
  await bench.until(() => !isUnreadable(bench))
  expect(kinds(bench)).toEqual(['tse.read_failed', 'tse.archived'])
})

test('a night that was missed is made up for ten minutes after the start', async () => {
  const clock = noon()
  await using bench = await Bench.open({ clock })
  await sell(await bench.till())
  await bench.restart(async () => clock.leap(25 * HOUR_MS))
  clock.leap(8 * 60_000)
  expect(kinds(bench)).toEqual([])
  clock.leap(3 * 60_000)
  await bench.until(() => kinds(bench).length === 1)
})

test.concurrent.each(Object.keys(vendorTses))(
  'a sale at a %s that hands nothing out waits at most five seconds for the reading, and is signed',
  async (driver) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'r-'))
    const vendor = await vendorTses[driver]?.open(folder.path, 0)
    if (vendor === undefined) throw new Error(driver)
    let isReading = false
    const atPoint = (point: string): void => {
      isReading ||= point === 'tse.reading'
    }
    const devices = [{ ...vendor.device, timeouts: { replyMs: 5_000, longMs: 60_000 } }]
    try {
      await using bench = await Bench.open({ atPoint, config: { devices, deadlineMs: 30_000 } })
      await bench.agent.administration.deviceAct('tse-1', 'init')
      const register = await bench.till()
      await close(register, '50.00')
      vendor.unit.inject('lost-request@export#*')
      await bench.until(() => isReading)
      await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
      const since = turnedMs()
      const sold = await sell(register)
      expect(sold['fiscal']).toMatchObject({ state: 'succeeded' })
      // Five, and the time of a busy machine for the opening and the sale.
      expect(turnedMs() - since).toBeLessThan(10_000)
      await bench.until(() => isUnreadable(bench))
    } finally {
      await vendor.close()
    }
  },
)

/** An agent that reads a unit with that fault back, after a closed session. */
async function readingUnit(fault: string): Promise<Bench> {
  let isReading = false
  const atPoint = (point: string): void => {
    isReading ||= point === 'tse.reading'
  }
  const bench = await Bench.open({ atPoint })
  await close(await bench.till(), '50.00')
  await bench.fault(fault)
  await bench.until(() => isReading)
  return bench
}

test('a stop does not wait for a unit that hands nothing out', async () => {
  await using bench = await readingUnit('lost-request@export#*')
  const since = turnedMs()
  await bench.stop()
  expect(turnedMs() - since).toBeLessThan(4_000)
})

test('the archive of an auditor does not wait for a reading that hands nothing out', async () => {
  await using bench = await readingUnit('lost-request@export#1')
  await bench.agent.administration.deviceAct('tse-1', { act: 'archive', deletes: false })
  expect(kinds(bench)).toEqual(['tse.archived'])
})

test('the export of a TSE that exports nothing any longer is what was read back, and says how far', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  await sell(register)
  await close(register, '51.00')
  await bench.until(() => kinds(bench).length === 1)
  const [name = ''] = await portions(bench)
  await bench.fault('no-data@*#*')
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  const unseen = await sell(register)
  await close(register, '1.00')
  await bench.until(() => isUnreadable(bench))
  const { job, bytes } = await bench.exportedJob('tse_tar')
  const to = Number(/^1-(\d+)/.exec(name)?.[1])
  expect(job).toMatchObject({ status: 'completed', unread: { code: 'no_data', counters: [{ from: 1, to }] } })
  const { findings } = await verifyArchive(bytes)
  expect(findings).toEqual([])
  const text = Buffer.from(bytes).toString('latin1')
  const { transaction_number: lost } = signed(unseen as Operation).end_event as unknown as {
    transaction_number: number
  }
  expect(text.match(/_Log-Tra_No-\d+_Finish_/g)?.length).toBeGreaterThan(2)
  expect(text).not.toContain(`_Log-Tra_No-${lost}_`)
})

test('a damaged portion does not affect the others, and the export names its counters', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  await close(register, '50.00')
  await bench.until(() => kinds(bench).length === 1)
  const [sound = ''] = await portions(bench)
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  await close(register, '0.00')
  await bench.until(() => kinds(bench).length === 2)
  const damaged = (await portions(bench)).find((name) => name !== sound) ?? ''
  const folder = join(bench.config.state, 'archives', 'read')
  const [unit = ''] = await readdir(folder)
  await truncate(join(folder, unit, damaged), 100)
  await bench.fault('no-data@*#*')
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
  await close(register, '0.00')
  await bench.until(() => isUnreadable(bench))
  const { job } = await bench.exportedJob('tse_tar')
  const to = Number(/^1-(\d+)/.exec(sound)?.[1])
  expect(job).toMatchObject({ status: 'completed', unread: { counters: [{ from: 1, to }] } })
})

test('a TSE that is only unplugged has no archive: reading back does not replace a cable', async () => {
  await using bench = await Bench.open({ config: { deviceGraceMs: 0 } })
  const register = await bench.till()
  await sell(register)
  await close(register, '51.00')
  await bench.until(() => kinds(bench).length === 1)
  await bench.fault('unplugged@*')
  const range = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
  const { id } = await bench.office.post('/v1/exports', { type: 'tse_tar', ...range }, 202)
  const job = await bench.until(async () => {
    const seen = await bench.office.get(`/v1/exports/${String(id)}`)
    return seen['status'] !== 'pending' && seen
  })
  expect(job).toMatchObject({ status: 'failed' })
  expect(job).not.toHaveProperty('unread')
})
