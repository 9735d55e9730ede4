import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import type { HostTime } from '../../drivers/ports/time-gate.ts'
import { curveByName } from '../../drivers/tr03151/algorithms.ts'
import { makeCertificateChain } from '../../drivers/tr03151/certificate.ts'
import { pointOfSpki } from '../../drivers/tr03151/ecdsa.ts'
import { signInTime, UnitTime } from '../../drivers/unit-time.ts'
import { ManualClock } from '../manual-clock.ts'

function at(time: string): number {
  return Date.parse(`2026-11-20T${time}Z`)
}
const NOON = at('12:00:00')
const SUSPECT = { code: 'clock_suspect', effect: 'none' }

/** The state that the agent would know, changed by the test. */
function hosted(startMs = NOON) {
  const clock = new ManualClock(startMs)
  const answers = {
    serial: 'ab',
    eventMs: undefined as number | undefined,
    logMs: undefined as number | undefined,
    vouched: 0,
    vouchedMs: undefined as number | undefined,
    parted: 0n,
  }
  const host: HostTime = {
    serial: () => answers.serial,
    newestEventMs: () => answers.eventMs,
    newestLogMs: () => answers.logMs,
    vouchedAt: () => answers.vouched,
    vouchedMs: () => answers.vouchedMs,
    partedNs: () => answers.parted,
  }
  return { clock, known: answers, time: new UnitTime(clock, host) }
}

test('a time before 2026 is suspect with any record, the first moment of 2026 is not', () => {
  const { clock, time } = hosted(Date.parse('2025-12-31T23:59:59.999Z'))
  expect(time.suspicion()).toBe('The clock of this machine says 2025-12-31T23:59:59Z: it has lost its time.')
  expect(() => time.now()).toThrow(expect.objectContaining(SUSPECT))
  clock.jump(1)
  expect([time.suspicion(), time.now()]).toEqual([undefined, Date.parse('2026-01-01T00:00:00Z')])
})

test.for(['eventMs', 'logMs'] as const)('60 s before the newest on record (%s) is sound, more is suspect', (newest) => {
  const { clock, known, time } = hosted()
  known[newest] = NOON + 60_000
  expect(time.now()).toBe(newest === 'logMs' ? NOON + 60_000 : NOON)
  clock.jump(-1)
  expect(() => time.demand()).toThrow(expect.objectContaining(SUSPECT))
  expect(time.suspicion()).toMatch(/says 2026-11-20T11:59:59Z, and 2026-11-20T12:01:00Z is on record/)
})

test('the begin of the certificate bounds the clock until it is vouched for', () => {
  const { known, time } = hosted()
  const curve = curveByName('P-256')
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: curve.namedCurve })
  const { point } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))
  // It begins a minute before it is made.
  time.certified(makeCertificateChain(point, curve, NOON + 180_000), 0)
  expect(() => time.demand()).toThrow(expect.objectContaining(SUSPECT))
  known.vouched = 7
  expect(time.suspicion()).toBeUndefined()
})

test('a time after the end of the certificate is suspect until the clock is vouched for after that end', () => {
  const { clock, known, time } = hosted()
  time.certified([], NOON + 60_000)
  clock.jump(60_000)
  expect(time.now()).toBe(NOON + 60_000)
  clock.jump(1)
  expect(time.suspicion()).toBe(
    'The clock of this machine says 2026-11-20T12:01:00Z, and the certificate of the TSE ended at 2026-11-20T12:01:00Z: it is not secured.',
  )
  expect(() => time.now()).toThrow(expect.objectContaining(SUSPECT))
  expect(time.passedEndMs()).toBe(NOON + 60_000)
  // An earlier word says nothing about this time.
  known.vouched = 3
  known.vouchedMs = NOON
  expect(() => time.demand()).toThrow(expect.objectContaining(SUSPECT))
  known.vouched = 4
  known.vouchedMs = NOON + 60_001
  expect([time.suspicion(), time.passedEndMs(), time.now()]).toEqual([undefined, undefined, NOON + 60_001])
})

test('a unit that reports no end of its certificate sets no limit', () => {
  const { clock, time } = hosted()
  time.certified([], 0)
  clock.jump(400 * 86_400_000)
  expect(time.suspicion()).toBeUndefined()
})

test('a small step back gives the newest logTime, that of this process or of the memory', () => {
  const { clock, time } = hosted()
  time.signed(NOON, clock.mono())
  clock.jump(-25_000)
  expect(time.now()).toBe(NOON)
  expect(time.now(NOON + 5000)).toBe(NOON + 5000)
  // A time from a clock that ran ahead before.
  expect(time.now(NOON + 3_600_000)).toBe(NOON)
})

test('after a vouching the unit must get the time, backwards too, and its earlier signatures set no limit', () => {
  const { clock, known, time } = hosted()
  time.told(NOON)
  time.signed(NOON, clock.mono())
  clock.jump(-3_600_000)
  expect(time.suspicion()).toContain('not secured')
  known.vouched = 9
  expect([time.due(), time.now()]).toEqual(['must', at('11:00:00')])
  time.told(at('11:00:00'))
  expect(time.due()).toBeUndefined()
})

test('another unit has another clock', () => {
  const { clock, known, time } = hosted()
  time.signed(NOON, clock.mono())
  clock.jump(-3_600_000)
  expect(time.suspicion()).toBeDefined()
  known.serial = 'cd'
  expect([time.suspicion(), time.isUntold()]).toEqual([undefined, true])
})

test('from 2 s on the unit gets the time before its next act, for little once a minute at most', async () => {
  const { clock, time } = hosted()
  expect([time.isUntold(), time.due(), time.skewMs()]).toEqual([true, undefined, undefined])
  time.told(NOON)
  clock.jump(1999)
  expect([time.isUntold(), time.due(), time.skewMs()]).toEqual([false, undefined, -1999])
  clock.jump(1)
  expect(time.due()).toBe('may')
  expect(time.due()).toBeUndefined()
  await clock.advance(60_000)
  expect(time.due()).toBe('may')
  time.told(time.now())
  clock.jump(60_001)
  expect(time.due()).toBe('must')
})

test('a unit that counts minutes alone is not taken to be behind', () => {
  const { clock, time } = hosted(NOON + 59_000)
  time.signed(NOON, clock.mono())
  expect(time.due()).toBeUndefined()
})

test('a log of a whole minute from a unit that counts seconds is exact to the second', () => {
  const { clock, time } = hosted(NOON + 3000)
  time.signed(NOON + 3000, clock.mono())
  clock.jump(57_000)
  time.told(NOON + 60_000)
  time.signed(NOON + 60_000, clock.mono())
  clock.jump(5000)
  expect([time.skewMs(), time.due()]).toEqual([-4000, 'may'])
})

test("a step of the host makes the unit's deviation unknown until the unit reports its time again", async () => {
  const { clock, known, time } = hosted()
  await clock.advance(1000)
  time.signed(NOON + 1000, clock.mono())
  expect(time.skewMs()).toBe(0)
  await clock.advance(1000)
  clock.jump(3_600_000)
  known.parted = clock.mono()
  expect([time.skewMs(), time.due()]).toEqual([undefined, 'must'])
  time.signed(NOON + 2000, clock.mono())
  expect(time.skewMs()).toBe(-3_599_000)
  time.told(time.now())
  expect(time.skewMs()).toBe(0)
})

test('an act is done by a unit that has the time, and refused by one that cannot get it', async () => {
  const { clock, time } = hosted()
  const acts: string[] = []
  const sign = async (): Promise<{ logTimeMs: number }> => {
    acts.push('sign')
    return { logTimeMs: clock.now() }
  }
  const setTime = async (): Promise<void> => {
    acts.push('time')
    time.told(time.now())
  }
  const act = (telling = setTime): Promise<unknown> => signInTime(time, clock, telling, sign)
  await act()
  clock.jump(3_600_000)
  await act()
  expect(acts).toEqual(['sign', 'time', 'sign'])
  clock.jump(3_600_000)
  await expect(act(() => Promise.reject(new Error('no PIN')))).rejects.toThrow('no PIN')
  clock.jump(-8 * 3_600_000)
  await expect(act()).rejects.toMatchObject(SUSPECT)
  expect(acts).toEqual(['sign', 'time', 'sign'])
})

test('a clock that falls while the unit gets the time signs nothing', async () => {
  const { clock, time } = hosted()
  time.told(NOON)
  clock.jump(3_600_000)
  const setTime = async (): Promise<void> => {
    time.told(time.now())
    clock.jump(-3_600_000)
  }
  const sign = (): Promise<never> => Promise.reject(new Error('it was signed'))
  await expect(signInTime(time, clock, setTime, sign)).rejects.toMatchObject(SUSPECT)
})
