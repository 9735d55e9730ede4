import { expect, test } from 'vitest'
import { audited } from '../../cli/audited.ts'
import { inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import { heavy } from '../../tags.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Operation } from '../client.ts'
import type { goods } from '../goods.ts'
import { event, trade } from '../goods.ts'
import { closeAndReport } from '../shift.ts'
import { exportedPackage } from './package-rows.ts'

type Lines = Parameters<typeof goods>[2]
type Kind = Parameters<typeof goods>[0]

const DEPOSIT = { type: 'deposit', title: 'Anzahlung' }

function traded(register: Register, kind: Kind, lines: Lines, of?: Operation): Promise<Operation> {
  return trade(register, kind, lines, of === undefined ? {} : { related_operation_id: of.id })
}

/** A deposit of 60.00 at 19 % is taken off a bed of 210.00 at 7 %. */
async function capturedBed(register: Register): Promise<{ paid: Operation; captured: Operation }> {
  const paid = await traded(register, 'deposit', [['60.00', '0.19', DEPOSIT]])
  const lines: Lines = [
    ['210.00', '0.07'],
    ['-60.00', '0.19', DEPOSIT],
  ]
  return { paid, captured: await traded(register, 'deposit_capture', lines, paid) }
}

const BACK: Lines = [
  ['60.00', '0.19', DEPOSIT],
  ['-210.00', '0.07'],
]

const CHAIR: Lines = [
  ['80.00', '0.19'],
  ['-60.00', '0.19', DEPOSIT],
]

test('the return of a capture is a bon of goods and a valid deposit, sound in package and audit', heavy(), async () => {
  await using bench = await Bench.open()
  const register = await bench.till('300.00')
  const { paid, captured } = await capturedBed(register)
  const back = await traded(register, 'return', BACK, captured)
  const again = await traded(register, 'deposit_capture', CHAIR, paid)
  // The second capture comes back as goods alone; the third return is reversed.
  await traded(register, 'return', [['-80.00', '0.19']], again)
  const other = await capturedBed(register)
  const mistake = await traded(register, 'return', BACK, other.captured)
  const reversal = await register.till.create(event('void', register.id, { related_operation_id: mistake.id }))
  const { text } = await register.till.call({ path: `/v1/operations/${back.id}/receipt?format=text` })
  expect(text).toMatch(/Anzahlung\n +1 x 60,00 +60,00 A/)
  const report = await closeAndReport(register)
  expect(report).not.toHaveProperty('hints')
  await inDirectory(async (directory) => {
    const { report: checked, bonOf, rowsOf } = await exportedPackage(bench)
    expect(checked).toMatchObject({ valid: true, findings: [] })
    const linesOf = (operation: Operation) =>
      rowsOf('lines.csv', operation).map((row) => [row['GV_TYP'], row['MENGE'], row['STK_BR']])
    expect(bonOf(back)).toMatchObject({ BON_TYP: 'Beleg', UMS_BRUTTO: '-150,00', BON_STORNO: '0' })
    expect(linesOf(back)).toEqual([
      ['Umsatz', '-1,000', '210,00000'],
      ['Anzahlungsaufloesung', '1,000', '60,00000'],
    ])
    expect(bonOf(reversal)).toMatchObject({ BON_STORNO: '1', UMS_BRUTTO: '150,00' })
    expect(linesOf(reversal)).toEqual([
      ['Umsatz', '1,000', '210,00000'],
      ['Anzahlungsaufloesung', '-1,000', '60,00000'],
    ])
    const references = rowsOf('references.csv', back)
    expect(references.map((row) => [row['REF_TYP'], row['POS_ZEILE'], row['REF_BON_ID']])).toEqual([
      ['Transaktion', '', bonOf(captured)['BON_ID']],
    ])
    const audit = await audited(bench, directory)
    // Acts other than turnover are named, and no objection.
    const chapter = audit.parts.find(({ name }) => name === 'Vorgänge ohne Umsatz')
    const rows = chapter?.findings.join('\n') ?? ''
    for (const row of [/: 11 Bons, davon /, /: 1 Storno, 150,00 EUR, /, /: 3 Rückgaben, 380,00 EUR, /])
      expect(rows).toMatch(row)
    const objections = audit.parts.filter((part) => part !== chapter).flatMap(({ findings }) => findings)
    expect([audit.code, objections]).toEqual([0, []])
  })
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, books: 'consistent', codes: [] })
})

test('goods of a capture that come back twice make a hint; deposits and goods at 0.00 that come back once do not', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('900.00')
  const { captured } = await capturedBed(register)
  await traded(register, 'return', BACK, captured)
  await traded(register, 'return', [['-210.00', '0.07']], captured)
  const free: Lines = [
    ['10.00', '0.19', { sku_identifier: 'cup' }],
    ['0.00', '0.19', { sku_identifier: 'spoon' }],
  ]
  const sold = await traded(register, 'sale', free)
  const swap: Lines = [
    ['-10.00', '0.19', { sku_identifier: 'cup' }],
    ['0.00', '0.19', { sku_identifier: 'spoon', quantity: -1 }],
    ['10.00', '0.19', { sku_identifier: 'bowl' }],
    ['0.00', '0.19', { sku_identifier: 'fork' }],
  ]
  const exchanged = await traded(register, 'exchange', swap, sold)
  // The reversal of an exchange takes back what was handed out, and nothing else.
  await register.till.create(event('void', register.id, { related_operation_id: exchanged.id }))
  const once = await traded(register, 'return', [['0.00', '0.19', { sku_identifier: 'spoon' }]], sold)
  // That of a return hands it out again.
  await register.till.create(event('void', register.id, { related_operation_id: once.id }))
  const report = await closeAndReport(register)
  expect(report['hints']).toMatchObject([
    {
      code: 'returned_beyond_sale',
      operation_id: captured.id,
      sold: '210.00',
      returned: '420.00',
      articles: [{ sku_identifier: 'sku-0.07', sold: '1', returned: '2' }],
    },
  ])
})
