import { expect, test } from 'vitest'
import { FACTS as AUSTRIA } from '../../agent/laws/austria/facts.ts'
import { FACTS as GERMANY } from '../../agent/laws/germany/facts.ts'
import { FACTS as ITALY } from '../../agent/laws/italy/facts.ts'
import { UnsignedReceipts } from '../../agent/watch/unsigned-receipts.ts'
import type { OutageSources } from '../../agent/wiring/outage-words.ts'
import { outageWords } from '../../agent/wiring/outage-words.ts'
import { ManualClock } from '../manual-clock.ts'

const START = Date.parse('2026-11-25T10:00:00Z')
const HOUR_MS = 3_600_000

/** One register of that law, whose device is down; `fallback`: another device that signs for it. */
function shop(
  facts: { name: string; deviceKinds: readonly string[] },
  { sells = true, fallback = false, open = false } = {},
) {
  const clock = new ManualClock(START)
  const unsigned = new UnsignedReceipts(clock)
  const register = {
    id: 'reg_1',
    fiscal_device: 'unit-1',
    fiscalization_status: 'fiscalized',
    fiscalization: { regime: facts.name },
  }
  const unit = { usable: false, device: { unit: { kind: facts.deviceKinds[0] } } }
  const sources = {
    clock,
    unsigned,
    laws: [{ facts, outage: { sells, sellsNow: () => open } }],
    unitsOf: () => ['unit-1', 'unit-2'],
    devices: new Map<string, object>([
      ['unit-1', unit],
      ['unit-2', { usable: fallback }],
    ]),
    journal: { view: { resources: () => [register], register: () => ({ shown: register }) } },
  } as unknown as OutageSources
  const told = { rule: 'devices', subject: { device: 'unit-1' }, sinceMs: START } as const
  return {
    clock,
    unsigned,
    selling: (language: 'de' | 'en' | 'it') => outageWords(sources, told, undefined, language).selling,
    over: (language: 'de' | 'en' | 'it') => {
      unit.usable = true
      return outageWords(sources, told, clock.now(), language).over
    },
    overWhileDown: () => outageWords(sources, told, clock.now(), 'de').over,
  }
}

test.each([
  [shop(GERMANY), 'Sie können weiter verkaufen. Die Belege tragen den Hinweis „TSE ausgefallen“.'],
  [shop(AUSTRIA), 'Sie können weiter verkaufen. Die Belege tragen den Hinweis „Sicherheitseinrichtung ausgefallen“.'],
  [shop(AUSTRIA, { fallback: true }), 'Sie können weiter verkaufen.'],
  [shop(ITALY, { sells: false }), 'Ohne dieses Gerät kann nicht verkauft werden.'],
  // The warning of an emergency register says how it sells.
  [shop(ITALY, { sells: false, open: true }), undefined],
])('an outage says whether its registers sell, by the value of their law: %#', ({ selling }, words) => {
  expect(selling('de')).toBe(words)
})

test('the end of an outage counts the receipts of its time that no device signed', async () => {
  const { clock, unsigned, over } = shop(GERMANY)
  expect(over('de')).toEqual({ message: 'Die TSE antwortet wieder.', unsigned: 'kein Beleg ohne Signatur' })
  unsigned.note('reg_2', 'unavailable')
  unsigned.note('reg_1', 'unavailable')
  expect(over('de')?.unsigned).toBe('1 Beleg ohne Signatur')
  await clock.advance(HOUR_MS)
  unsigned.note('reg_1', 'unavailable')
  expect(['de', 'en', 'it'].map((language) => over(language as 'de')?.unsigned)).toEqual([
    '2 Belege ohne Signatur',
    '2 receipts without a signature',
    '2 scontrini senza firma',
  ])
  await clock.advance(24 * HOUR_MS - 1)
  expect(over('de')?.unsigned).toBe('in den letzten 24 Stunden 1 Beleg ohne Signatur')
})

test('receipts of an earlier outage are not counted, and nothing is counted where the law does not sell', async () => {
  const { unsigned, clock, over } = shop(AUSTRIA)
  clock.jump(-HOUR_MS)
  unsigned.note('reg_1', 'unavailable')
  clock.jump(HOUR_MS)
  expect(over('en')).toEqual({
    message: 'The signature unit answers again.',
    unsigned: 'no receipt without a signature',
  })
  expect(shop(ITALY, { sells: false }).over('it')).toEqual({ message: 'La stampante risponde di nuovo.' })
})

test('a device that is still not usable is not said to answer again', () => {
  expect(shop(GERMANY).overWhileDown()).toBeUndefined()
})
