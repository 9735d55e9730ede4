import { expect, test } from 'vitest'
import { EVER } from '../../agent/cli/arguments/range.ts'
import type { Installation } from '../../agent/cli/audit/procedure.ts'
import { unprovenItems } from '../../agent/cli/audit/unproven-items.ts'
import { ReceiptOutages } from '../../agent/devices/receipt-outages.ts'
import type { Restore } from '../../agent/journal/books/restores.ts'
import { Unsold } from '../../agent/journal/books/unsold.ts'
import type { JournalReport } from '../../agent/journal/verify/journal.ts'

const AT = '2026-03-02T08:00:00Z'
const RESTORED: Restore = {
  ...{
    cause: 'restore',
    isPutBack: false,
    seq: 9,
    at: AT,
    epoch: 2,
    madeAt: '2026-03-01T08:00:00Z',
    lost: 'unknown',
    filled: 0,
  },
  isUnsealed: false,
  units: [
    { device: 'tse-1', serial: 'ab', isCompared: true, receipts: 2, cents: 51_734 },
    { device: 'tse-2', serial: 'cd', isCompared: false, receipts: 0, cents: 0 },
  ],
}
const SET_BACK: Restore = { ...RESTORED, cause: 'rollback', epoch: 3, madeAt: '', units: [], reason: 'Snapshot der VM' }

function shopOf(...regimes: readonly string[]): Installation {
  const registers = regimes.map((regime, index) => ({
    ...{ id: `reg_${index}`, name: `Kasse ${index + 1}`, merchant_id: 'm', fiscal_device: 'x' },
    fiscalization: { regime, tse_serial: null, client_id: 'c' },
  }))
  return { merchants: [], chain: 'c', events: 1, uncertified_units: [], registers } as unknown as Installation
}

function linesOf(shop: Installation, journal: Partial<Pick<JournalReport, 'restores' | 'codes'>> = {}, range = EVER) {
  const recorded = { outages: new ReceiptOutages(), unsold: new Unsold([0, Number.MAX_SAFE_INTEGER]) }
  const read = { recorded, journal: { restores: [], codes: [], ...journal }, shown: new Set<string>() }
  const items = unprovenItems(read, range, shop)
  return {
    lines: items.flatMap(({ lines }) => lines.flatMap(({ text, details }) => [text, ...details])),
    some: items.filter(({ isNone }) => !isNone).map(({ item }) => item),
  }
}

test.each([
  ['KassenSichV', 3],
  ['RKSV', 2],
  ['RT', 4],
])('%s: each item has its line without any record, and counts as none', (regime, count) => {
  const { lines, some } = linesOf(shopOf(regime))
  expect(lines).toHaveLength(count)
  for (const line of lines) expect(line).toMatch(/: (keine|nessuno|0 operazioni, 0,00 EUR)\.$/)
  expect(some).toEqual([])
})

test('a shop of two laws has the items of both', () => {
  const { lines } = linesOf(shopOf('KassenSichV', 'RKSV'))
  expect(lines).toEqual(
    expect.arrayContaining([expect.stringMatching(/^Bons ohne/), expect.stringMatching(/^Belege ohne/)]),
  )
})

function numbers(code: string, from: number, to: number) {
  return { code, level: 'note' as const, seq: 10, register: 'reg_0', facts: { register: 'reg_0', from, to } }
}

test('restores and rollbacks have times, comparison and reason, and the numbers that they cost', () => {
  const codes = [numbers('bon_numbers_set_aside', 3, 1002), numbers('receipt_numbers_twice', 4, 5)]
  const { lines, some } = linesOf(shopOf('KassenSichV'), { restores: [RESTORED, SET_BACK], codes })
  expect(some).toEqual(['restores'])
  expect(lines.slice(2)).toEqual([
    'Was zwischen dem Backup vom 2026-03-01 09:00 und der Wiederherstellung vom 2026-03-02 09:00 (Epoche 2) geschah: Verloren: unbekannt; seitdem verglichen: tse-1 (ab, zeigte 2 Bons, 517,34 EUR), seitdem nicht verglichen: tse-2 (cd); Grund: keiner angegeben.',
    'Epoche 3 begann am 2026-03-02 09:00, weil das Journal zurückgesetzt war: Was ihm fehlt, zeigen nur Papier und Ziele; Grund: Snapshot der VM.',
    'Kasse 1: Die Bonnummern 3 bis 1002 wurden nicht vergeben.',
    'Kasse 1: Die Bonnummern 4 bis 5 wurden zweimal vergeben.',
  ])
})

test('an Italian report has these lines in Italian', () => {
  const { lines } = linesOf(shopOf('RT'), { restores: [{ ...SET_BACK, cause: 'fork' }, RESTORED] })
  expect(lines.slice(3)).toEqual([
    "L'epoca 3 è iniziata il 2026-03-02 09:00 perché una copia del registro ha altri eventi: ciò che manca risulta solo dalla carta e dalle destinazioni; motivo: Snapshot der VM.",
    'Ciò che è avvenuto tra il backup del 2026-03-01 09:00 e il ripristino del 2026-03-02 09:00 (epoca 2): perso: ignoto; confrontati da allora: tse-1 (ab, ha mostrato 2 documenti, 517,34 EUR), non confrontati da allora: tse-2 (cd); motivo: nessuno indicato.',
  ])
})

test('a report of another time has no restore, and one without a journal says that nothing was read', () => {
  const later = { from: '2027-01-01T00:00:00Z', to: '2027-12-31T00:00:00Z' }
  expect(linesOf(shopOf('RKSV'), { restores: [RESTORED] }, later as typeof EVER).some).toEqual([])
  expect(unprovenItems(undefined, EVER, shopOf('RT'))).toMatchObject([
    { item: 'restores', isNone: false, lines: [{ text: expect.stringContaining('non valutato') }] },
  ])
})
