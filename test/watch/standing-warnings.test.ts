import { expect, test } from 'vitest'
import { WARNING_TEXTS } from '../../agent/texts/warnings.ts'
import { StandingWarnings, shownWarning } from '../../agent/watch/standing-warnings.ts'
import type { Warning } from '../../agent/watch/warnings.ts'
import { reportedWarningOf, textOf, warningOf } from '../../agent/watch/warnings.ts'
import { ManualClock } from '../manual-clock.ts'
import { LogRecord } from '../sync/rig.ts'

function standing(...first: Warning[]) {
  const clock = new ManualClock()
  const log = new LogRecord()
  let now = first
  const warnings = new StandingWarnings({ look: () => now, clock, log })
  const look = (...next: Warning[]) => {
    now = next
    return warnings.list()
  }
  return { clock, log, warnings, look, set: (...next: Warning[]) => (now = next) }
}

function pulled(device: string, sinceMs?: number) {
  return warningOf('device_unavailable', { device, isTrouble: true, sinceMs })
}

test('a warning keeps key and since while it is active, whatever its detail; one that returns begins again', async () => {
  const { clock, look } = standing()
  const began = new Date(clock.now()).toISOString()
  const [first] = look(warningOf('disk_slow', { detail: 'sync p99 21 ms' }))
  expect(first).toMatchObject({ key: 'disk_slow', since: began })
  await clock.advance(5_000)
  expect(look(warningOf('disk_slow', { detail: 'sync p99 22 ms' }))).toMatchObject([{ key: 'disk_slow', since: began }])
  expect(look()).toEqual([])
  await clock.advance(1_000)
  expect(look(warningOf('disk_slow'))).toMatchObject([{ since: new Date(clock.now()).toISOString() }])
})

test('the outage of a device began when the journal has it', () => {
  const { look } = standing()
  expect(look(pulled('tse-1', Date.UTC(2026, 6, 30)))).toMatchObject([{ since: '2026-07-30T00:00:00.000Z' }])
})

test('device, target and what it is about make the key, and no id or path of the latter is in it', () => {
  const { look } = standing()
  const task = (id: string) => warningOf('duty_overdue', { about: { kind: 'duty', id }, detail: 'Report the TSE.' })
  const folder = warningOf('backup_disk_missing', { about: { kind: 'folder', id: '/media/stick' } })
  const all = look(
    pulled('tse-1'),
    warningOf('sync_stalled', { target: 'cloud' }),
    task('tse-report-7A31'),
    task('tse-report-99B2'),
    folder,
  )
  const keys = all.map(({ key }) => key)
  expect(keys).toEqual([
    'device_unavailable:tse-1',
    'sync_stalled:cloud',
    expect.stringMatching(/^duty_overdue:[0-9a-f]{8}$/),
    expect.stringMatching(/^duty_overdue:[0-9a-f]{8}$/),
    expect.stringMatching(/^backup_disk_missing:[0-9a-f]{8}$/),
  ])
  expect(new Set(keys).size).toBe(5)
  expect(shownWarning(all[4] as (typeof all)[number])).toMatchObject({ about: '/media/stick', key: keys[4] })
})

test('a warning names the active one that explains it: that of the same device or target, or of the agent', () => {
  const { look } = standing()
  const becauseOf = (code: string, list = look()) => list.find((one) => one.code === code)?.because
  const unresolved = warningOf('device_outcome_unresolved', { device: 'tse-1' })
  expect(becauseOf('device_outcome_unresolved', look(unresolved, pulled('tse-1')))).toBe('device_unavailable:tse-1')
  expect(becauseOf('device_outcome_unresolved', look(unresolved, pulled('tse-2')))).toBeUndefined()
  // Refused by a device that works: no reason why it may not be used.
  expect(
    becauseOf('device_outcome_unresolved', look(unresolved, warningOf('device_unavailable', { device: 'tse-1' }))),
  ).toBe(undefined)
  const delayed = warningOf('sync_delayed_long', { target: 'cloud' })
  for (const code of ['sync_stalled', 'sync_forked', 'sync_token_refused', 'target_certificate_invalid'] as const) {
    expect(becauseOf(delayed.code, look(delayed, warningOf(code, { target: 'cloud' })))).toBe(`${code}:cloud`)
    expect(becauseOf(delayed.code, look(delayed, warningOf(code, { target: 'office' })))).toBeUndefined()
  }
  expect(becauseOf('backup_overdue', look(warningOf('backup_overdue'), warningOf('disk_full')))).toBe('disk_full')
  expect(becauseOf('disk_slow', look(warningOf('disk_slow'), warningOf('disk_full')))).toBe('disk_full')
  const clock = warningOf('clock_implausible')
  const suspect = warningOf('device_clock_suspect', { device: 'tse-1', isTrouble: true })
  // The clock has one remedy: a warning that it covers is left out.
  expect(look(suspect, clock).map(({ key }) => key)).toEqual(['clock_implausible'])
  expect(look(suspect)).toHaveLength(1)
  expect(becauseOf('device_outcome_unresolved', look(unresolved, suspect, clock))).toBe('clock_implausible')
  expect(becauseOf('disk_full', look(warningOf('disk_full'), warningOf('backup_overdue')))).toBeUndefined()
})

test('two of one key are one warning with both details', () => {
  const { look } = standing()
  const found = (detail: string) => reportedWarningOf('print_uncertain', { device: 'rt-1', detail })
  expect(look(found('one'), found('two'), found('two'))).toMatchObject([{ key: 'print_uncertain:rt-1' }])
  expect(look(found('one'), found('two'))[0]?.detail).toBe('one; two')
})

test('the log has one line when a warning begins and one when it ends, by its code and without its detail', async () => {
  const { clock, log, warnings, set } = standing()
  set(warningOf('journal_held', { detail: 'process 12 (sqlite3)', fields: { pid: 12 } }))
  warnings.list()
  expect(log.lines).toEqual([])
  warnings.start()
  await clock.advance(60_000)
  warnings.list()
  set()
  await clock.advance(2_000)
  expect(log.lines).toEqual([
    { level: 'warn', code: 'journal_held', message: expect.stringMatching(/^journal_held began: Another program/) },
    { level: 'info', code: 'journal_held', message: 'journal_held ended' },
  ])
  // The device has a separate line.
  set({ ...pulled('tse-1'), isLogged: true })
  await clock.advance(2_000)
  warnings.stop()
  set(warningOf('journal_held'))
  await clock.advance(60_000)
  expect(log.lines).toHaveLength(2)
})

test('each cause is a code that can explain the other: none is explained by what only follows from it', () => {
  for (const [code, { because = [] }] of Object.entries(WARNING_TEXTS as Record<string, ReturnType<typeof textOf>>)) {
    if (because === 'device_trouble') continue
    for (const cause of because) expect([code, textOf(cause).severity]).toEqual([code, 'alarm'])
  }
})
