import { expect, onTestFinished, test } from 'vitest'
import { Forecast } from '../../agent/devices/forecast.ts'
import { pastUse } from '../../agent/devices/past-use.ts'
import { systemClock } from '../../base/clock.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'

const DAY_MS = 86_400_000
const startMs = Date.UTC(2026, 0, 1)
const serial = 'ab'.repeat(32)

test("after a restart the forecast continues from the journal's data of that unit, and of no other", async () => {
  let nowMs = startMs
  const journal = await openJournal(await temporaryDirectory(), { clock: { ...systemClock, now: () => nowMs } })
  onTestFinished(() => journal.close())
  const ready = async (day: number, used: number, of = serial): Promise<void> => {
    nowMs = startMs + day * DAY_MS
    const state = { device: 'tse-1', state: 'ready', code: null, message: null, serial: of } as const
    const facts = { ...state, signatures_left: 1_000_000 - used, memory_used_percent: used / 10_000 }
    const enrolled = { device: 'tse-1', serial }
    const events = [{ kind: 'device.changed' as const, op: 'tse-1', body: { facts, ...(day === 0 && { enrolled }) } }]
    await journal.record(() => events)
  }
  await ready(0, 0)
  await ready(30, 300_000)
  await ready(31, 5, 'cd'.repeat(32))
  await ready(40, 400_000)
  expect(pastUse(journal.view, 'tse-1', nowMs).map(({ atMs }) => (atMs - startMs) / DAY_MS)).toEqual([0, 30, 40])
  // Long ago is better than nothing.
  expect(pastUse(journal.view, 'tse-1', nowMs + 100 * DAY_MS)).toHaveLength(1)
  const forecast = new Forecast()
  for (const sample of pastUse(journal.view, 'tse-1', nowMs)) forecast.note(sample)
  // 10,000 a day: the last 600,000 last 60 days, the memory as long.
  expect(forecast.signaturesEndAtMs).toBeCloseTo(startMs + 100 * DAY_MS, -3)
  expect(forecast.memoryEndAtMs).toBeCloseTo(startMs + 100 * DAY_MS, -3)
  expect(pastUse(journal.view, 'tse-2', nowMs)).toEqual([])
  // A sample of a clock that ran ahead is of no use once it is right.
  await ready(5000, 400_001)
  await ready(41, 410_000)
  expect(pastUse(journal.view, 'tse-1', nowMs).map(({ atMs }) => (atMs - startMs) / DAY_MS)).toEqual([0, 30, 40, 41])
})
