import { expect, test } from 'vitest'
import { DigestClock } from '../../alerts/digest-clock.ts'
import { isQuiet } from '../../alerts/local-time.ts'

const NEW = { sentOn: undefined, begunMs: undefined }

/** A time of the shop in winter (UTC+1). */
function winter(text: string): number {
  return Date.parse(`${text}:00+01:00`)
}

test('the digest is due once a day, at the first look at or after its time', () => {
  const clock = new DigestClock('07:00', NEW)
  expect(clock.due(winter('2026-11-25T06:59'))).toBe(undefined)
  expect(clock.due(winter('2026-11-25T07:00'))).toBe('2026-11-25')
  expect(clock.due(winter('2026-11-25T07:01'))).toBe(undefined)
  expect(clock.due(winter('2026-11-26T06:59'))).toBe(undefined)
  expect(clock.due(winter('2026-11-26T07:30'))).toBe('2026-11-26')
})

test('a restart neither sends a digest twice nor forgets the one that it missed, however late it is', () => {
  const begunMs = winter('2026-11-01T12:00')
  const due = (sentOn: string | undefined, at: string) => new DigestClock('07:00', { sentOn, begunMs }).due(winter(at))
  expect(due('2026-11-25', '2026-11-25T07:05')).toBe(undefined)
  expect(due('2026-11-24', '2026-11-25T08:30')).toBe('2026-11-25')
  expect(due('2026-11-24', '2026-11-25T15:00')).toBe('2026-11-25')
  // Days on which there was nothing to report have none.
  expect(due(undefined, '2026-11-25T15:00')).toBe('2026-11-25')
  expect(due(undefined, '2026-11-25T06:00')).toBe(undefined)
})

test('a shop that begins after the time of the digest gets it from the next day on', () => {
  const clock = new DigestClock('07:00', { sentOn: undefined, begunMs: winter('2026-11-25T14:00') })
  expect(clock.due(winter('2026-11-25T14:01'))).toBe(undefined)
  expect(clock.due(winter('2026-11-26T07:00'))).toBe('2026-11-26')
})

test('a clock that falls back by a year does not send the digest of today twice', () => {
  const clock = new DigestClock('07:00', { sentOn: undefined, begunMs: winter('2024-01-01T12:00') })
  expect(clock.due(winter('2026-11-25T07:00'))).toBe('2026-11-25')
  clock.due(winter('2025-11-25T06:59'))
  expect(clock.due(winter('2025-11-25T07:00'))).toBe('2025-11-25')
  expect(clock.due(winter('2026-11-25T12:00'))).toBe(undefined)
})

test('a clock that is set back over the digest does not send it again, one that is set forward sends it', () => {
  const back = new DigestClock('07:00', NEW)
  back.due(winter('2026-11-25T06:59'))
  expect(back.due(winter('2026-11-25T07:00'))).toBe('2026-11-25')
  expect(back.due(winter('2026-11-25T05:00'))).toBe(undefined)
  expect(back.due(winter('2026-11-25T07:00'))).toBe(undefined)
  const forward = new DigestClock('07:00', NEW)
  forward.due(winter('2026-11-25T06:00'))
  expect(forward.due(winter('2026-11-25T18:00'))).toBe('2026-11-25')
})

test('a clock that ran years ahead does not silence the digest for years', () => {
  const clock = new DigestClock('07:00', { ...NEW, sentOn: '2099-01-01' })
  clock.due(winter('2026-11-25T06:59'))
  expect(clock.due(winter('2026-11-25T07:00'))).toBe('2026-11-25')
})

test('on the nights of a clock change the digest comes once, also at an hour that is missing or repeated', () => {
  for (const night of ['2026-03-28T22:00:00Z', '2026-10-24T22:00:00Z']) {
    const clock = new DigestClock('02:30', NEW)
    const start = Date.parse(night)
    const due = Array.from({ length: 600 }, (_, minute) => clock.due(start + minute * 60_000)).filter(Boolean)
    expect(due).toHaveLength(1)
  }
})

test.each([
  { at: '21:59', quiet: false },
  { at: '22:00', quiet: true },
  { at: '23:59', quiet: true },
  { at: '00:00', quiet: true },
  { at: '06:29', quiet: true },
  { at: '06:30', quiet: false },
  { at: '12:00', quiet: false },
])('quiet hours over midnight: $at is quiet: $quiet', ({ at, quiet }) => {
  expect(isQuiet({ from: '22:00', to: '06:30' }, winter(`2026-11-25T${at}`))).toBe(quiet)
})

test('quiet hours within a day, and those of no length', () => {
  expect(isQuiet({ from: '13:00', to: '15:00' }, winter('2026-11-25T14:00'))).toBe(true)
  expect(isQuiet({ from: '13:00', to: '15:00' }, winter('2026-11-25T15:00'))).toBe(false)
  expect(isQuiet({ from: '13:00', to: '13:00' }, winter('2026-11-25T13:00'))).toBe(false)
  expect(isQuiet(undefined, winter('2026-11-25T13:00'))).toBe(false)
})

test('on the night of a clock change quiet hours end at the time that the clock on the wall shows', () => {
  const hours = { from: '22:00', to: '06:30' }
  expect(isQuiet(hours, Date.parse('2026-03-29T06:29:00+02:00'))).toBe(true)
  expect(isQuiet(hours, Date.parse('2026-03-29T06:30:00+02:00'))).toBe(false)
  expect(isQuiet(hours, Date.parse('2026-10-25T06:29:00+01:00'))).toBe(true)
  expect(isQuiet(hours, Date.parse('2026-10-25T06:30:00+01:00'))).toBe(false)
})
