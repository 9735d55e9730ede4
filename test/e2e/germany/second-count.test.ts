// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { processData } from '../client.ts'
import { event } from '../goods.ts'
import { closing } from '../shift.ts'
import { expectSound } from '../sound.ts'
import { verifiedPackage } from './package-rows.ts'

const FIRST = 'Beleg^0.00_0.00_0.00_0.00_1147.50^1147.50:Bar'
const SECOND = 'Beleg^0.00_0.00_0.00_0.00_-1147.50^-1147.50:Bar'

function counts({ id, till }: Register, amount: string, more: Members = {}) {
  return till.create(event('session_cash_count', id, { counted_closing_amount: amount, ...more }))
}

test('both counts are signed and booked, the second as the difference to the first, and the Z has their sum', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('127.50')
  const first = await counts(register, '1275.00')
  const second = await counts(register, '127.50', { corrects_operation_id: first.id, discrepancy_note: 'Komma' })
  expect([processData(first), processData(second)]).toEqual([FIRST, SECOND])
  await register.till.create(closing(register, '-27.50'))
  const { bons, lines, references, businessCases, closings } = await verifiedPackage(bench)
  const byCount = lines.filter((row) => row['GV_TYP'] === 'DifferenzSollIst').map((row) => row['ARTIKELTEXT'])
  expect(byCount).toEqual([
    'Kassensturz: gezählt 1275,00, Soll 127,50',
    'Kassensturz berichtigt: gezählt 127,50 statt 1275,00',
  ])
  const [, counted, corrected] = bons
  expect(corrected).toMatchObject({
    BON_TYP: 'Beleg',
    UMS_BRUTTO: '-1147,50',
    BON_NOTIZ: expect.stringMatching(/Komma/),
  })
  expect(references).toMatchObject([
    {
      BON_ID: corrected?.['BON_ID'],
      POS_ZEILE: '',
      REF_TYP: 'Transaktion',
      REF_NAME: '',
      REF_Z_KASSE_ID: register.id,
      REF_Z_NR: '1',
      REF_BON_ID: counted?.['BON_ID'],
    },
  ])
  const difference = businessCases.filter((row) => row['GV_TYP'] === 'DifferenzSollIst')
  expect(difference.map((row) => row['Z_UMS_BRUTTO'])).toEqual(['0,00000'])
  expect(closings).toMatchObject([{ Z_SE_BARZAHLUNGEN: '100,00' }])
  await expectSound(bench)
})

test('a correction refers to the closing of the first count, also if that was signed a second after its request', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('127.50')
  await bench.fault('slow=1200@finish')
  const first = await counts(register, '1275.00')
  await bench.fault('clear')
  await counts(register, '127.50', { corrects_operation_id: first.id })
  await register.till.create(closing(register, '-27.50'))
  const { closings, references } = await verifiedPackage(bench)
  expect(references.map((row) => row['REF_DATUM'])).toEqual([closings[0]?.['Z_ERSTELLUNG']])
})

test('a miscount is corrected while the TSE is down: both are booked, and the second one says that it is unsigned', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('127.50')
  const first = await counts(register, '1275.00')
  await bench.fault('unplugged@*')
  await bench.untilDevice('down')
  const second = await counts(register, '127.50', { corrects_operation_id: first.id })
  expect(second).toMatchObject({ correction_amount: '-1147.50', fiscal: { state: 'failed' } })
  await register.till.create(closing(register, '0.00'))
  await bench.fault('clear')
  await bench.untilDevice('ready')
  const { businessCases } = await verifiedPackage(bench)
  const difference = businessCases.filter((row) => row['GV_TYP'] === 'DifferenzSollIst')
  expect(difference.map((row) => row['Z_UMS_BRUTTO'])).toEqual(['0,00000'])
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true })
  await bench.start()
})
