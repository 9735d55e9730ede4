import { expect, test } from 'vitest'
import { clockNotes } from '../../agent/cli/audit/clock-notes.ts'

const SPAN = {
  ...{ fromSeq: 7, toSeq: 9, from: '2026-11-20T15:00:00.000Z', to: '2026-11-20T15:10:00.000Z' },
  receipts: [{ register: 'reg_1', first: 2, last: 3 }],
}

test('the report says whether the clock went back or ran ahead, with the bons', () => {
  const registers = [{ id: 'reg_1', name: 'Kasse 1' }] as never
  const suspect = [
    { ...SPAN, isAhead: true },
    { ...SPAN, isAhead: false },
  ]
  const words = (went: string): string =>
    `Hinweis: Die Uhr war vom 2026-11-20 16:00 bis 2026-11-20 16:10 unplausibel (ging ${went}); die Zeiten der Bons 2 bis 3 (Kasse 1) sind verdächtig. Ereignisse 7 bis 9. (clock_suspect)`
  expect(clockNotes({ suspect, suspectCount: 2 }, { registers })).toEqual([words('vor'), words('zurück')])
})
