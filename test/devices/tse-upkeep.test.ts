import { expect, test } from 'vitest'
import { Forecast } from '../../agent/devices/forecast.ts'
import { deviceReport, warningsOf } from '../../agent/devices/report.ts'
import { DeviceSupervisor } from '../../agent/devices/supervisor.ts'
import { DeviceError } from '../../drivers/errors.ts'
import type { OpenedDevice } from '../../drivers/ports/device.ts'
import type { Tse, TseHealth } from '../../drivers/ports/tse.ts'
import { UnitTime } from '../../drivers/unit-time.ts'
import { ManualClock } from '../manual-clock.ts'

const HOUR_MS = 3_600_000
const serial = 'ab'.repeat(32)

/** A unit whose self-test is due every 25 hours of the clock, and a supervisor that looks after it. */
function watched(enrolled: string | null = serial, untested = false, gatedFromMs?: number, timeHoldsMs?: number) {
  const clock = new ManualClock(gatedFromMs)
  const acts: string[] = []
  let isWorn = false
  let openTransactions = 0
  let refusal: DeviceError | undefined
  let [testedAtMs, used] = [untested ? Number.NEGATIVE_INFINITY : clock.now() - 60_000, 0]
  // A separate clock: the manual one has no time of day that passes.
  let nowMs = clock.now()
  clock.now = () => nowMs
  let elapsedMs = 0
  clock.mono = () => BigInt(elapsedMs) * 1_000_000n
  const time = gatedFromMs === undefined ? undefined : new UnitTime(clock)
  const health = (): TseHealth => ({
    ...{
      memoryUsedPercent: used / 1000,
      signaturesLeft: 1_000_000 - used,
      openTransactions,
      maxOpenTransactions: 512,
    },
    ...{
      certificateExpiresAtMs: 4e12,
      clockSkewMs: 0,
      initialised: true,
      disabled: false,
      description: 'a unit',
    },
    selfTestDueInMs: Math.max(0, testedAtMs + 25 * HOUR_MS - nowMs),
    replacementNeeded: isWorn,
    ...(timeHoldsMs !== undefined && { timeHoldsMs }),
  })
  const unit = {
    kind: 'tse',
    open: async () => undefined,
    close: async () => undefined,
    identity: async () => {
      const certificates = testedAtMs > 0 ? [Buffer.of(0x30)] : []
      return { serial, publicKey: Buffer.alloc(65), algorithm: '', timeFormat: '', certificates }
    },
    health: async () => {
      if (refusal !== undefined) throw refusal
      return health()
    },
    selfTest: async () => {
      acts.push('self-test')
      testedAtMs = nowMs
    },
    setTime: async () => {
      const timeMs = time?.now()
      acts.push('time')
      if (timeMs !== undefined) time?.told(timeMs)
    },
  } as unknown as Tse
  const device: OpenedDevice = { id: 'tse-1', driver: 'tse-x', unit, load: () => ({ waiting: 0, expectedWaitMs: 0 }) }
  const supervisor = new DeviceSupervisor({
    device,
    clock,
    time,
    enrolledSerial: () => enrolled ?? undefined,
    onChange: () => undefined,
    onHealthy: () => undefined,
  })
  /** Hours pass, with a health check every half minute; `sells` keeps the unit busy. */
  const pass = async (hours: number, sells = false): Promise<void> => {
    for (let quarters = 0; quarters < hours * 4; quarters += 1) {
      nowMs += HOUR_MS / 4
      elapsedMs += HOUR_MS / 4
      if (sells) {
        used += 2500
        supervisor.asTse?.worked()
      }
      await clock.advance(30_000)
    }
  }
  /** Sets the clock of the machine; the unit counts its hours independently. */
  const set = (ms: number): void => {
    testedAtMs += ms - nowMs
    nowMs = ms
  }
  const wearOut = (): void => {
    isWorn = true
  }
  /** Refuses both acts and health checks. */
  const refuse = (error: DeviceError): void => {
    refusal = error
    supervisor.asTse?.report(error)
  }
  const hold = (open: number): void => {
    openTransactions = open
  }
  return { supervisor, acts, pass, set, wearOut, hold, refuse, now: () => nowMs }
}

test('a self-test is made after four fifths of its time, when no till sells', async () => {
  const { supervisor, acts, pass } = watched()
  await supervisor.connect()
  await pass(19)
  expect(acts).toEqual([])
  await pass(2)
  expect(acts).toEqual(['self-test', 'time'])
  await supervisor.close()
})

test('an idle unit gets the time after four fifths of the time for which it keeps one', async () => {
  const fromMs = Date.parse('2026-11-30T12:00:00Z')
  const { supervisor, acts, pass } = watched(serial, false, fromMs, 10 * HOUR_MS)
  await supervisor.connect()
  expect(acts).toEqual(['time'])
  await pass(7.5)
  expect(acts).toEqual(['time'])
  await pass(1)
  expect(acts).toEqual(['time', 'time'])
  await pass(8)
  expect(acts).toEqual(['time', 'time', 'time'])
  await supervisor.close()
})

test('a TSE is down and unset while its machine has no time, is set once there is one, and again after a step ahead', async () => {
  const { supervisor, acts, pass, set } = watched(serial, false, HOUR_MS)
  await supervisor.connect()
  await pass(1)
  expect([acts, supervisor.state, supervisor.trouble?.code]).toEqual([[], 'down', 'clock_suspect'])
  set(Date.parse('2026-08-01T10:00:00Z'))
  await supervisor.judgeClock()
  expect([acts, supervisor.state]).toEqual([['time'], 'ready'])
  set(Date.parse('2026-08-01T09:00:00Z'))
  await supervisor.judgeClock()
  await pass(0.5)
  expect([acts, supervisor.state]).toEqual([['time'], 'down'])
  set(Date.parse('2026-08-01T12:00:00Z'))
  await supervisor.judgeClock()
  await pass(0.25)
  expect([acts, supervisor.state]).toEqual([['time', 'time'], 'ready'])
  await supervisor.close()
})

test('a till that sells all day is interrupted only in the last half hour', async () => {
  const { supervisor, acts, pass } = watched()
  await supervisor.connect()
  await pass(24.25, true)
  expect(acts).toEqual([])
  await pass(0.5, true)
  expect(acts).toEqual(['self-test', 'time'])
  await supervisor.close()
})

test('a unit that was powered up is tested before it counts as ready, unless it is unowned or foreign', async () => {
  for (const [enrolled, expected] of [
    [serial, ['self-test', 'time']],
    [null, []],
    ['cd'.repeat(32), []],
  ] as const) {
    const { supervisor, acts } = watched(enrolled, true)
    await supervisor.connect()
    expect(acts).toEqual(expected)
    await supervisor.close()
  }
})

test('a unit that gives its certificate only after its self-test is asked for it again once it has worked', async () => {
  const { supervisor, pass } = watched(null, true)
  await supervisor.connect()
  expect(supervisor.asTse?.identity?.certificates).toEqual([])
  // As the first register that it takes has it done.
  await supervisor.asTse?.unit.selfTest()
  supervisor.asTse?.worked()
  await pass(0.25)
  expect(supervisor.asTse?.identity?.certificates).toHaveLength(1)
  await supervisor.close()
})

test('a TSE with fast sales is reported with the end of its signatures and memory', async () => {
  const { supervisor, pass, now } = watched()
  await supervisor.connect()
  await pass(30, true)
  const warnings = warningsOf(supervisor, now())
  expect(warnings.map(({ code }) => code)).toEqual(['device_memory_low', 'device_signatures_low'])
  // 700,000 of 1,000,000 signatures at 10,000 an hour: 70 hours.
  const due = new Date(now() + 70 * HOUR_MS).toISOString().slice(0, 10)
  expect(warnings[1]).toMatchObject({ due, message: expect.stringContaining(due) })
  await supervisor.close()
})

test('a unit that asks for its replacement is reported as such, and continues to sign', async () => {
  const { supervisor, pass, wearOut, now } = watched()
  await supervisor.connect()
  expect(deviceReport(supervisor, now())).toMatchObject({ state: 'ready', warnings: [] })
  wearOut()
  await pass(0.25)
  const warnings = [{ code: 'device_replacement_needed', message: expect.stringContaining('order a new device') }]
  expect(deviceReport(supervisor, now())).toMatchObject({ state: 'degraded', warnings })
  expect(supervisor.usable).toBe(true)
  await supervisor.close()
})

test('a unit with nearly as many open sales as it takes is reported before it refuses one, and once', async () => {
  const { supervisor, pass, hold, refuse, now } = watched()
  await supervisor.connect()
  hold(409)
  await pass(0.25)
  expect(warningsOf(supervisor, now())).toEqual([])
  hold(410)
  await pass(0.25)
  const many = [{ code: 'tse_open_transactions_high', message: expect.stringContaining('410 of the 512 sales') }]
  expect(warningsOf(supervisor, now())).toEqual(many)
  expect(supervisor.usable).toBe(true)
  hold(512)
  refuse(new DeviceError('open_transactions_full', 'none', '512 transactions are open'))
  expect(warningsOf(supervisor, now()).map(({ code }) => code)).toEqual(['tse_open_transactions_full'])
  await supervisor.close()
})

test('an error from an act and from a look is one warning', async () => {
  const { supervisor, pass, refuse, now } = watched()
  await supervisor.connect()
  refuse(new DeviceError('memory_full', 'none', 'the memory is full'))
  await pass(0.25)
  expect(supervisor.state).toBe('down')
  expect(warningsOf(supervisor, now())).toEqual([{ code: 'device_memory_full', message: 'the memory is full' }])
  await supervisor.close()
})

test('a forecast needs a day, and begins again with another unit', () => {
  const forecast = new Forecast()
  const startMs = Date.parse('2026-08-01T10:00:00Z')
  const note = (hours: number, signaturesLeft: number) =>
    forecast.note({ atMs: startMs + hours * HOUR_MS, signaturesLeft, memoryUsedPercent: 1 })
  note(0, 1000)
  note(23, 900)
  expect(forecast.signaturesEndAtMs).toBeUndefined()
  note(25, 900)
  expect(forecast.signaturesEndAtMs).toBe(startMs + 250 * HOUR_MS)
  expect(forecast.memoryEndAtMs).toBeUndefined()
  note(30, 20_000)
  expect(forecast.signaturesEndAtMs).toBeUndefined()
})
