import { expect, test } from 'vitest'
import type { Sheet } from '../../agent/cli/emergency/sheet-text.ts'
import { sheetText } from '../../agent/cli/emergency/sheet-text.ts'

const AT = '2026-11-28T10:00:00.000Z'

const SHEET: Sheet = {
  emergency_id: 'emg_1',
  device: 'rt-1',
  rt_serial_number: '72IV6000001',
  date: '2026-11-28',
  entries: 4,
  rates: [{ rate: '0.22', gross: '12.20', taxable: '10.00', tax: '2.20' }],
  natures: [{ code: 'N4', amount: '5.00' }],
  payments: [
    { name: 'Contanti', amount: '5.00' },
    { name: 'Non riscosso fatture', amount: '12.20' },
  ],
  total: '17.20',
  lines: [
    { entry: 2, recorded_at: AT, amount: '12.20', rate: '0.22' },
    { entry: 3, recorded_at: AT, amount: '7.00', rate: '0.22', printed_as: '0142-0003' },
    { entry: 4, recorded_at: AT, amount: '5.00', natura: 'N4' },
    { entry: 5, recorded_at: AT, amount: '-7.00', rate: '0.22', voids: 3 },
  ],
}

test('the sheet names sums by rate and natura, what an invoice counts, and lines that the printer has', () => {
  expect(sheetText([SHEET]).split('\n')).toEqual([
    'REGISTRO DI EMERGENZA  2026-11-28  RT 72IV6000001  emg_1',
    'IVA 22 %  ammontare 12.20  imponibile 10.00  imposta 2.20',
    'N4  ammontare 5.00',
    'Totale 17.20  registrazioni 4',
    '  Contanti 5.00',
    '  Non riscosso fatture 12.20',
    'Di cui con fattura 12.20: li conta la fattura.',
    `  2  ${AT}  12.20  IVA 22 %`,
    `  3  ${AT}  7.00  IVA 22 %  stampato dal RT: documento 0142-0003, escluso dai totali`,
    `  4  ${AT}  5.00  N4`,
    `  5  ${AT}  -7.00  IVA 22 %  annulla 3`,
  ])
})
