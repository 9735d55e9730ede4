import { expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import { austrianTill, ONE_CARD, receiptOf, sell } from './shop.ts'

type Dep7 = { 'Belege-Gruppe': { 'Belege-kompakt': string[] }[] }

/** Number and local time of each receipt in a part of the DEP7; `to` is inclusive. */
async function part(bench: Bench, from: string, to: string): Promise<string[]> {
  const { 'Belege-Gruppe': groups } = JSON.parse(
    Buffer.from(await bench.exported('dep7', { from, to })).toString('utf8'),
  ) as Dep7
  return groups
    .flatMap((group) => group['Belege-kompakt'])
    .map((jws) => {
      const fields = Buffer.from(jws.split('.')[1] ?? '', 'base64url')
        .toString('utf8')
        .split('_')
      return `${fields[3]} ${fields[4]}`
    })
}

test('a receipt whose signature comes in the next month is exported with the month that its code names', async () => {
  const clock = new CalendarClock('2026-06-30T21:59:30Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const register = await austrianTill(bench)
  await bench.faultAt('card-1', 'slow=400@sign#1')
  const head = bench.head()
  const selling = sell(register, '2.00')
  // Created, and planned for the card.
  await bench.until(() => bench.requestedSince(head).length >= 2)
  clock.jump('2026-06-30T22:00:00Z')
  expect(receiptOf(await selling).machine_code).toMatch(/_2_2026-06-30T23:59:3\d_/)
  await sell(register, '3.00')
  const [june, july] = [
    await part(bench, '2026-05-31T22:00:00Z', '2026-06-30T21:59:59.999Z'),
    await part(bench, '2026-06-30T22:00:00Z', '2026-07-31T21:59:59.999Z'),
  ]
  expect(june).toEqual([
    expect.stringMatching(/^1 2026-06-30T23:59:3\d$/),
    expect.stringMatching(/^2 2026-06-30T23:59:3\d$/),
  ])
  expect(july).toEqual([
    expect.stringMatching(/^3 2026-07-01T00:00:0\d$/),
    expect.stringMatching(/^4 2026-07-01T00:00:0\d$/),
  ])
})

test('in the hour that comes twice a range takes each receipt of its run', async () => {
  const clock = new CalendarClock('2026-10-25T00:15:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const register = await austrianTill(bench)
  clock.jump('2026-10-25T00:50:00Z')
  await sell(register, '2.00')
  clock.jump('2026-10-25T01:30:00Z')
  await sell(register, '3.00')
  const first = [expect.stringMatching(/^1 /), expect.stringMatching(/^2 2026-10-25T02:50:0\d$/)]
  const second = [expect.stringMatching(/^3 2026-10-25T02:50:0\d$/)]
  expect(await part(bench, '2026-10-25T00:00:00Z', '2026-10-25T00:59:59.999Z')).toEqual(first)
  expect(await part(bench, '2026-10-25T01:00:00Z', '2026-10-25T01:59:59.999Z')).toEqual(second)
})
