import { expect, test } from 'vitest'
import { audited } from '../../cli/audited.ts'
import { inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import { heavy } from '../../tags.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Operation } from '../client.ts'
import { processData } from '../client.ts'
import { event, goods, trade } from '../goods.ts'
import { closeAndReport } from '../shift.ts'
import { exportedPackage } from './package-rows.ts'

type Lines = Parameters<typeof goods>[2]

function part(amount: string, of?: Operation, rate = '0.19'): Lines[number] {
  const reference = of !== undefined && { related_operation_id: of.id }
  return [amount, rate, { type: 'deposit', title: 'Anzahlung', ...reference }]
}

/** Instalments of 100.00 and 50.00 at 19 % and of 20.00 at 7 %, taken off a delivery of 400.00 and food of 30.00. */
async function delivered(register: Register) {
  const [first, second] = [
    await trade(register, 'deposit', [part('100.00')]),
    await trade(register, 'deposit', [part('50.00'), part('20.00', undefined, '0.07')]),
  ]
  const off: Lines = [part('-20.00', second, '0.07'), part('-100.00'), part('-50.00', second)]
  const lines: Lines = [['400.00', '0.19'], ...off, ['30.00', '0.07']]
  const captured = await trade(register, 'deposit_capture', lines, { related_operation_id: first.id })
  return { first, second, captured }
}

test('each deposit is a row of its VAT key with a reference, sound in package and audit', heavy(), async () => {
  await using bench = await Bench.open()
  const register = await bench.till('300.00')
  const { first, second, captured } = await delivered(register)
  expect(processData(captured)).toBe('Beleg^250.00_10.00_0.00_0.00_0.00^260.00:Bar')
  const reversal = await register.till.create(event('void', register.id, { related_operation_id: captured.id }))
  const again = await delivered(register)
  const of = { related_operation_id: again.captured.id }
  const lines: Lines = [['-400.00', '0.19'], part('100.00', again.first), part('50.00', again.second)]
  const back = await trade(register, 'return', lines, of)
  const refund = await trade(register, 'return', [part('-100.00', first), part('-50.00', second)])
  await closeAndReport(register)
  await inDirectory(async (directory) => {
    const { report: checked, bonOf, rowsOf: rowsIn } = await exportedPackage(bench)
    expect(checked).toMatchObject({ valid: true, findings: [] })
    const idOf = (operation: Operation) => bonOf(operation)['BON_ID']
    const rowsOf = (name: string, operation: Operation, columns: readonly string[]) =>
      rowsIn(name, operation).map((row) => columns.map((column) => row[column]))
    const referred = (operation: Operation) =>
      rowsOf('references.csv', operation, ['POS_ZEILE', 'REF_TYP', 'REF_BON_ID'])
    expect(rowsOf('lines.csv', captured, ['POS_ZEILE', 'GV_TYP', 'STK_BR'])).toEqual([
      ['1', 'Umsatz', '400,00000'],
      ['2', 'Umsatz', '30,00000'],
      ['3', 'Anzahlungsaufloesung', '20,00000'],
      ['4', 'Anzahlungsaufloesung', '100,00000'],
      ['5', 'Anzahlungsaufloesung', '50,00000'],
    ])
    expect(rowsOf('lines_vat.csv', captured, ['POS_ZEILE', 'UST_SCHLUESSEL', 'POS_BRUTTO'])).toEqual([
      ['1', '1', '400,00000'],
      ['2', '2', '30,00000'],
      ['3', '2', '-20,00000'],
      ['4', '1', '-100,00000'],
      ['5', '1', '-50,00000'],
    ])
    expect(referred(captured)).toEqual([
      ['3', 'Transaktion', idOf(second)],
      ['4', 'Transaktion', idOf(first)],
      ['5', 'Transaktion', idOf(second)],
    ])
    expect(referred(reversal)[0]).toEqual(['', 'Transaktion', idOf(captured)])
    expect(referred(back)).toEqual([
      ['', 'Transaktion', idOf(again.captured)],
      ['2', 'Transaktion', idOf(again.first)],
      ['3', 'Transaktion', idOf(again.second)],
    ])
    expect(referred(refund)).toEqual([
      ['1', 'Transaktion', idOf(first)],
      ['2', 'Transaktion', idOf(second)],
    ])
    const { code, parts } = await audited(bench, directory)
    expect(parts.filter(({ valid }) => !valid)).toEqual([])
    expect(code).toBe(0)
  })
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, books: 'consistent', codes: [] })
})

test('without its TSE a capture of several deposits is completed unsigned, and they are used up', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('300.00')
  const first = await trade(register, 'deposit', [part('100.00')])
  const second = await trade(register, 'deposit', [part('50.00')])
  await bench.fault('unplugged@*')
  const lines: Lines = [['400.00', '0.19'], part('-100.00', first), part('-50.00', second)]
  const captured = await trade(register, 'deposit_capture', lines)
  expect(captured).toMatchObject({ status: 'completed', fiscal: { state: 'failed' } })
  for (const used of [first, second]) {
    const body = goods('deposit_capture', register.id, [['9.00', '0.19'], part('-0.01', used)])
    expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject({ status: 422 })
  }
})

test('a capture that was voided while open has its deposits as cancelled rows, and frees them', heavy(), async () => {
  await using bench = await Bench.open()
  const register = await bench.till('300.00')
  const first = await trade(register, 'deposit', [part('100.00')])
  const second = await trade(register, 'deposit', [part('50.00')])
  const lines: Lines = [['400.00', '0.19'], part('-100.00', first), part('-50.00', second)]
  const open = await register.till.create(goods('deposit_capture', register.id, lines))
  const voided = await register.till.void(open)
  await trade(register, 'deposit_capture', lines)
  await closeAndReport(register)
  const books = await exportedPackage(bench)
  expect(books.report).toMatchObject({ valid: true, findings: [] })
  expect(books.rowsOf('references.csv', voided).map((row) => row['POS_ZEILE'])).toEqual(['2', '3'])
})
