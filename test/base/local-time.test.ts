import { expect, test } from 'vitest'
import { localDate, localTime, rfc3339 } from '../../base/clock.ts'

/** Vienna; half an hour of summer time; an offset of 5:45; no summer time. */
const ZONES = ['Europe/Vienna', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC']
const QUARTER_MS = 900_000
const DAY_MS = 96 * QUARTER_MS
/** Each side of both changes of 2026 and 2027, of a year, of midnight, and times before 2026 and beyond 9999. */
const MOMENTS = [
  ...[1_774_746_000_000, 1_792_890_000_000, 1_806_195_600_000, 1_824_944_400_000, 1_798_761_600_000],
  ...[1_775_314_800_000, 1_790_436_600_000, 1_767_225_600_000, 0, -1, -2_203_891_200_000, 253_402_297_199_999],
].flatMap((ms) => [ms, ms - 1, ms + 1, ms - QUARTER_MS, ms + QUARTER_MS, ms + 500, ms - DAY_MS])

test.for(ZONES)(
  'a local time and date in %s are those of the calendar of that zone, in any order of asking',
  (timeZone) => {
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
    for (const ms of [...MOMENTS, ...MOMENTS.toReversed()]) {
      const text = format.format(ms).replace(' ', 'T')
      expect(localDate(ms, timeZone), `${ms}`).toBe(text.slice(0, 10))
      expect(localTime(ms, timeZone), `${ms}`).toBe(text)
      expect(localDate(ms, timeZone), `${ms}`).toBe(text.slice(0, 10))
    }
  },
)

test('a time in UTC is written like that of Date, within a second and beyond it, before 1970 and with fractions', () => {
  const written = [...MOMENTS, 0.5, 1500.25, -0.5, 8.64e15, -8.64e15, 1_774_746_000_000, 1_774_746_000_001]
  for (const ms of written) expect(rfc3339(ms), `${ms}`).toBe(new Date(ms).toISOString())
  expect(() => rfc3339(Number.NaN)).toThrow(RangeError)
})
