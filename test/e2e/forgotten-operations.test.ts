import { expect, test } from 'vitest'
import { Bench } from './bench.ts'
import { CalendarClock } from './calendar-clock.ts'
import { goods, pay } from './goods.ts'

const HOUR_MS = 3_600_000
const BEGIN = Date.parse('2026-03-02T10:00:00Z')

async function warningsOf(bench: Bench): Promise<unknown[]> {
  const { warnings } = await bench.office.get('/v1/overview')
  return (warnings as { code: string }[]).filter(({ code }) => code === 'operations_forgotten')
}

function after(hours: number): string {
  return new Date(BEGIN + hours * HOUR_MS).toISOString()
}

test('operations that are open for more than 24 hours are a warning with their number, tills and the oldest', async () => {
  const clock = new CalendarClock(after(0))
  await using bench = await Bench.open({ clock })
  const register = await bench.till()
  const begin = () => register.till.create(goods('sale', register.id, [['1.00', '0.07']]))
  const [oldest, other] = [await begin(), await begin()]
  clock.jump(after(20))
  const young = await begin()
  await bench.restart(async () => clock.jump(after(23)))
  expect(await warningsOf(bench)).toEqual([])
  await bench.restart(async () => clock.jump(after(25)))
  expect(await warningsOf(bench)).toMatchObject([
    {
      severity: 'warning',
      detail: expect.stringMatching(
        new RegExp(`^2 operations at Kasse; the oldest, ${oldest.id}, since 2026-03-02T10:0\\d:`),
      ),
    },
  ])
  // Nothing was ended by itself.
  const till = bench.client({ 'X-Register-Api-Key': register.key })
  for (const { id } of [oldest, other, young]) expect((await till.read(id)).status).toBe('open')
  await till.complete(await till.read(oldest.id), [pay('cash', '1.00')])
  await till.complete(await till.read(other.id), [pay('cash', '1.00')])
  await bench.restart()
  expect(await warningsOf(bench)).toEqual([])
})
