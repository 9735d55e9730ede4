import { rmSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import type { Clock } from '../../base/clock.ts'
import { PLAUSIBLE_MS, systemClock } from '../../base/clock.ts'
import { heavy } from '../tags.ts'
import { TurningClock, turnedMs } from '../turning-clock.ts'
import { agentHere } from './agent-here.ts'
import { AnswerLog } from './answer-log.ts'
import { DEVICE } from './daemon.ts'
import { httpLine } from './http-line.ts'
import { brokenInvariants } from './invariants.ts'
import { seeded } from './seeded.ts'
import { workShift } from './shift.ts'
import { openShop, Till } from './till.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** The wall clock at each shift; the last time is before the first. */
const TIMES = [
  ...['2026-08-01T10:00:00Z', '2026-08-02T10:00:00Z', '2026-08-01T10:00:00Z', '2026-10-25T00:59:59Z'],
  ...['2026-10-25T01:00:00Z', '2026-03-29T00:59:59Z', '1970-01-01T00:00:00Z', '2038-01-19T03:14:08Z'],
  ...['2040-06-01T00:00:00Z', '2026-08-01T10:00:00Z'],
]
/** That of the simulator is valid for some years. */
const CERTIFICATE_END_MS = Date.parse('2037-01-01T00:00:00Z')

test('at any jump of the clock, the order is that of seq and no number comes twice', heavy(), async () => {
  // The shop opens the day before.
  let offsetMs = Date.parse('2026-07-31T10:00:00Z') - Date.now()
  const { agent, url, key, state } = await agentHere({ clock: { ...systemClock, now: () => Date.now() + offsetMs } })
  onTestFinished(() => rmSync(state, { recursive: true, force: true }))
  const log = new AnswerLog()
  const line = httpLine({ url: () => url, key, back: async () => undefined })
  const till = new Till('till', { random: seeded(5), log, line, over: () => false })
  const [register = ''] = await openShop(till, 1)
  const expected: string[] = []
  let newestMs = 0
  const work = async (acts: number): Promise<void> => {
    const nowMs = Date.now() + offsetMs
    const isSound = nowMs >= PLAUSIBLE_MS && nowMs >= newestMs && nowMs < CERTIFICATE_END_MS
    if (isSound) newestMs = nowMs
    expected.push(isSound ? 'succeeded' : 'failed')
    // Its first question is not that of a till.
    await agent.administration.deviceAct(DEVICE, 'status')
    await workShift(till, register, acts)
  }
  for (const time of TIMES) {
    offsetMs = Date.parse(time) - Date.now()
    await work(3)
    offsetMs += 2 * DAY_MS
    await work(1)
  }
  await agent.stop()
  expect(await brokenInvariants({ state, device: DEVICE, answers: log, settled: true, thorough: true })).toEqual([])
  const signed = log.held.map(({ body }) => JSON.parse(body) as { type?: string; fiscal?: { state: string } })
  // A time that comes before another one on record, before 2026, or after the certificate is not signed.
  expect(signed.filter(({ type }) => type === 'session_open').map(({ fiscal }) => fiscal?.state)).toEqual(expected)
  expect(expected.filter((state) => state === 'failed').length).toBeGreaterThan(8)
})

test('a clock that jumps during a sale moves no time-out', async () => {
  let offsetMs = 0
  const turning = new TurningClock()
  const clock: Clock = {
    now: () => turning.now() + offsetMs,
    mono: () => turning.mono(),
    after: (delayMs, act) => turning.after(delayMs, act),
  }
  const { agent, url, key, state } = await agentHere({ clock, deadlineMs: 10_000 })
  onTestFinished(() => rmSync(state, { recursive: true, force: true }))
  const log = new AnswerLog()
  const sending = httpLine({ url: () => url, key, back: async () => undefined })
  const jumps = [400 * DAY_MS, -800 * DAY_MS, HOUR_MS]
  let isOpen = false
  const line = {
    ...sending,
    send: (asked: Parameters<typeof sending.send>[0]) => {
      const answer = sending.send(asked)
      if (isOpen) offsetMs += jumps[log.held.length % jumps.length] ?? 0
      return answer
    },
  }
  const till = new Till('till', { random: seeded(6), log, line, over: () => false })
  const [register = ''] = await openShop(till, 1)
  isOpen = true
  await agent.administration.fault(DEVICE, 'slow=20@*#*')
  const startedAt = turnedMs()
  await workShift(till, register, 4)
  expect(turnedMs() - startedAt).toBeLessThan(10_000)
  await agent.stop()
  const outages = log.held.filter(({ body }) => body.includes('"state":"failed"'))
  expect(outages.filter(({ body }) => !body.includes('"code":"clock_suspect"'))).toEqual([])
  expect(await brokenInvariants({ state, device: DEVICE, answers: log, settled: true })).toEqual([])
})
