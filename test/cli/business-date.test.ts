// @module-tag heavy
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { CalendarClock } from '../e2e/calendar-clock.ts'
import { event, sell } from '../e2e/goods.ts'
import { closedWith } from '../e2e/older-date.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { audited } from './audited.ts'
import { fiskalEdge } from './command.ts'

async function shift(bench: Bench, clock: CalendarClock, [opened, closed]: [string, string], date: string) {
  clock.jump(opened)
  const register = await bench.till('0.00')
  await sell(register, '4.50')
  clock.jump(closed)
  await register.till.create(event('session_cash_count', register.id, { counted_closing_amount: '4.50' }))
  await register.till.create(event('session_close', register.id, { business_date: date }))
  return register
}

test('a business date that an older version accepted is a note of journal verify, verify and audit', async () => {
  const clock = new CalendarClock('2026-03-02T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await shift(bench, clock, ['2026-03-02T08:00:00Z', '2026-03-02T17:00:00Z'], '2026-03-02')
  await closedWith(bench, '2062-03-02')
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    const others = parts.filter(({ name }) => name !== 'Vorgänge ohne Umsatz')
    const said = others.flatMap(({ name, findings }) => findings.map((finding) => `${name}: ${finding}`))
    const words = `Kasse ${register.id}: Z-Nr. 1, erstellt am 2026-03-02 18:00:`
    expect([code, said]).toEqual([
      0,
      ['dsfinvk.zip', 'journal.ndjson', 'Journal'].map((part) => expect.stringContaining(`${part}: ${words}`)),
    ])
    expect(await readFile(join(folder, 'pruefbericht.txt'), 'utf8')).toMatch(/Ergebnis: (ohne|keine) Beanstandung/)
    const english =
      /closing 1, made at 2026-03-02T17:00:\S+, has the business date 2062-03-02\. .*\(business_date_differs\)/
    for (const command of [
      ['journal', 'verify', '--config', join(directory, 'agent.json')],
      ['verify', join(folder, 'journal.ndjson')],
      ['verify', join(folder, 'dsfinvk.zip')],
    ]) {
      const { code, out } = await fiskalEdge(...command)
      expect([code, out], command.join(' ')).toEqual([0, expect.stringMatching(english)])
    }
    const json = await fiskalEdge('verify', join(folder, 'dsfinvk.zip'), '--json')
    const coded = { code: 'business_date_differs', level: 'note', register: register.id }
    expect(JSON.parse(json.out)).toMatchObject([{ valid: true, codes: [coded] }])
  })
})

test("an audit of a range names a closed session that is posted outside of it, as each New Year's Eve of a bar", async () => {
  const clock = new CalendarClock('2026-12-31T16:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await shift(bench, clock, ['2026-12-31T16:00:00Z', '2027-01-01T02:00:00Z'], '2026-12-31')
  await inDirectory(async (directory) => {
    const { parts, folder } = await audited(bench, directory, '--from', '2027-01-01', '--to', '2027-01-31')
    expect(parts).toContainEqual(
      expect.objectContaining({
        ...{ name: 'Andere Geschäftstage', valid: true, note: true },
        findings: [
          expect.stringMatching(
            `^Kasse ${register.id}, Z-Nr. 1: geöffnet 2026-12-31 17:00, Geschäftstag 2026-12-31; 3 Bons, 4,50 EUR; ses_`,
          ),
        ],
      }),
    )
    expect(await readFile(join(folder, 'pruefbericht.txt'), 'utf8')).toContain(
      'Kein Kassenabschluss hat einen Geschäftstag im Zeitraum',
    )
  })
  await inDirectory(async (directory) => {
    const { code, parts } = await audited(bench, directory)
    expect([code, parts.filter(({ name }) => name === 'Andere Geschäftstage')]).toEqual([0, []])
  })
})
