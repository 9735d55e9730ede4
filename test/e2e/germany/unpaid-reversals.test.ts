import { expect, test } from 'vitest'
import { audited } from '../../cli/audited.ts'
import { inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import { heavy } from '../../tags.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { processData, signed } from '../client.ts'
import { event, goods } from '../goods.ts'
import { closeAndReport, closing, counted } from '../shift.ts'
import { exportedPackage } from './package-rows.ts'
import { billed, cups, openLines, ordered, tavern } from './tavern.ts'

const STAFF = { customer: { name: 'Ada' } }

function reversal({ id }: Register, original: Operation, more: Members = {}): Members {
  return event('void', id, { related_operation_id: original.id, ...more })
}

async function transferred({ id, till }: Register, more: Members = {}): Promise<Operation> {
  const lines = [
    ['24.00', '0.19'],
    ['6.50', '0.07'],
  ] as const
  return till.complete(await till.create(goods('transfer', id, lines, more)), [])
}

async function eaten({ id, till }: Register): Promise<Operation> {
  return till.complete(await till.create(goods('employee_benefit', id, [['9.90', '0.07']], STAFF)), [])
}

test('a transfer and a benefit are reversed in their own kind, in no sum, drawer or turnover', heavy(), async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { till } = register
  const [room, meal] = [await transferred(register), await eaten(register)]
  const roomBack = await till.create(reversal(register, room, { reason: 'wrong room' }))
  expect(roomBack).toMatchObject({ type: 'void', status: 'completed', total_amount: '-30.50', payments: [] })
  expect(signed(roomBack)).toMatchObject({ document_type: 'AVTransfer' })
  expect(processData(roomBack)).toBe('AVTransfer^-24.00_-6.50_0.00_0.00_30.50^')
  const mealBack = await till.create(reversal(register, meal))
  expect(processData(mealBack)).toBe('AVSachbezug^0.00_-9.90_0.00_0.00_0.00^')
  const { text } = await till.call({ path: `/v1/operations/${roomBack.id}/receipt?format=text` })
  expect(text).toMatch(/Kein Kassenbeleg/i)
  expect(text).not.toContain('MwSt')
  expect(await till.get(`/v1/registers/${register.id}/session`)).toMatchObject({ expected_closing_amount: '50.00' })
  const report = await closeAndReport(register)
  expect(report['totals']).toMatchObject({
    unpaid_operations: [
      { type: 'transfer', count: 2, amount: '0.00' },
      { type: 'employee_benefit', count: 2, amount: '0.00' },
    ],
  })
  await inDirectory(async (directory) => {
    const { report: checked, bonOf, rowsOf } = await exportedPackage(bench)
    expect(checked).toMatchObject({ valid: true, findings: [] })
    expect(bonOf(roomBack)).toMatchObject({ BON_TYP: 'AVTransfer', BON_STORNO: '1', UMS_BRUTTO: '0,00' })
    expect(rowsOf('lines.csv', roomBack).map((row) => [row['GV_TYP'], row['MENGE']])).toEqual([
      ['Umsatz', '-1,000'],
      ['Umsatz', '-1,000'],
      ['Forderungsentstehung', ''],
    ])
    expect(rowsOf('transactions_vat.csv', roomBack).map((row) => row['BON_BRUTTO'])).toEqual([
      '-24,00000',
      '-6,50000',
      '30,50000',
    ])
    expect(rowsOf('references.csv', roomBack)).toMatchObject([{ REF_BON_ID: bonOf(room)['BON_ID'] }])
    expect(rowsOf('datapayment.csv', roomBack)).toMatchObject([{ ZAHLART_TYP: 'Keine' }])
    expect(bonOf(mealBack)).toMatchObject({
      BON_TYP: 'AVSachbezug',
      BON_STORNO: '1',
      UMS_BRUTTO: '-9,90',
      KUNDE_TYP: 'Mitarbeiter',
    })
    const { code, parts } = await audited(bench, directory)
    expect([code, parts.filter(({ valid }) => !valid)]).toEqual([0, []])
  })
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

test('the table of a reversed transfer is open again, and its later bill has the first order as if nothing had been', async () => {
  await using bench = await Bench.open()
  const { bar } = await tavern(bench)
  const first = await ordered(bar, 'Tisch 7', cups(2))
  const open = await bar.till.create(goods('transfer', bar.id, [cups(2)], { allocation_group: 'Tisch 7' }))
  const room = await bar.till.complete(open, [])
  expect(await openLines(bar.till)).toEqual([])
  await bar.till.create(reversal(bar, room))
  expect(await openLines(bar.till)).toEqual(['Tisch 7 cup 2'])
  await bench.restart()
  const bill = await billed(bar, 'Tisch 7', cups(2))
  expect(bill).toMatchObject({ first_order_at: first.fiscal.start_event?.signed_at })
  expect(await openLines(bar.till)).toEqual([])
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

test('a transfer is reversed once, before its closing, in an outage and in training too', heavy(), async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { till } = register
  const practised = await transferred(register, { training: true })
  const back = await till.create(reversal(register, practised))
  expect(processData(back)).toBe('AVTraining^-24.00_-6.50_0.00_0.00_0.00^')
  const refused = (original: Operation) => till.refused({ path: '/v1/operations', body: reversal(register, original) })
  expect(await refused(practised)).toMatchObject({ code: 'related_operation_invalid', fiscal_effect: 'none' })
  const late = await transferred(register)
  await bench.fault('unplugged@*')
  await bench.untilDevice('down')
  const room = await transferred(register)
  expect(await till.create(reversal(register, room))).toMatchObject({ fiscal: { state: 'failed' } })
  await counted(register, '50.00')
  await till.create(closing(register, '0.00'))
  await till.create(event('session_open', register.id, { opening_balance_amount: '50.00' }))
  const head = bench.head()
  expect(await refused(late)).toMatchObject({ code: 'void_after_closing', status: 422, fiscal_effect: 'none' })
  expect(bench.requestedSince(head)).toEqual([])
  const books = await exportedPackage(bench)
  expect(books.report).toMatchObject({ valid: true, findings: [] })
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

test.each(['transfer', 'employee_benefit'] as const)(
  'a %s takes nothing back alone, and lowers what it has',
  async (type) => {
    await using bench = await Bench.open()
    const { id, till } = await bench.till('50.00')
    const create = (...lines: Parameters<typeof goods>[2]) => goods(type, id, lines, STAFF)
    for (const body of [create(cups(-1)), create(cups(1), cups(-2)), create(['24.00', '0.19'], cups(-1))])
      expect(await till.refused({ path: '/v1/operations', body })).toMatchObject({
        code: 'unprocessable_entity',
        fiscal_effect: 'none',
      })
    const done = await till.complete(await till.create(create(cups(3), cups(-1))), [])
    expect(done).toMatchObject({ total_amount: '7.98', status: 'completed' })
  },
)
