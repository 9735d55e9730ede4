import { expect, test } from 'vitest'
import { audited } from '../../cli/audited.ts'
import { inDirectory, table } from '../../laws/germany/dsfinvk/package.ts'
import { heavy } from '../../tags.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Operation } from '../client.ts'
import { completion, processData, signed } from '../client.ts'
import { event, goods, order, pay, sell } from '../goods.ts'
import { closeAndReport } from '../shift.ts'
import { exportedPackage } from './package-rows.ts'

const CUP = { title: 'Eisbecher "Himbeere"', sku_identifier: 'cup', unit_price: '3.99' }
const COFFEE = { title: 'Eiskaffee', sku_identifier: 'coffee', unit_price: '2.99' }
const EVENING: Parameters<typeof order>[1] = [
  ['7.98', '0.19', { ...CUP, quantity: 2 }],
  ['2.99', '0.19', COFFEE],
]

/** Of a register with orders, a transfer and a benefit: each is completed without payments. */
async function trade({ id, till }: Register): Promise<Readonly<Record<string, Operation>>> {
  const ordered = await till.complete(await till.create(order(id, EVENING)), [])
  const cancelled = await till.complete(await till.create(order(id, [['-3.99', '0.19', { ...CUP, quantity: -1 }]])), [])
  const folio = goods('transfer', id, [
    ['24.00', '0.19'],
    ['6.50', '0.07'],
  ])
  const transferred = await till.complete(
    await till.create({
      ...folio,
      external_related_operation: { description: 'Folio', external_operation_id: '4711' },
    }),
    [],
  )
  const meal = goods('employee_benefit', id, [['9.90', '0.07']], { customer: { name: 'Ada' } })
  const eaten = await till.complete(await till.create(meal), [])
  return { ordered, cancelled, transferred, eaten }
}

test(
  'an order, a transfer and a benefit are signed, booked outside every sum, and sound in package and audit',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till('50.00')
    const { ordered, cancelled, transferred, eaten } = await trade(register)
    const sold = await sell(register, '4.00')
    if (!ordered || !cancelled || !transferred || !eaten) throw new Error('nothing was traded')
    expect(processData(ordered)).toBe('2;"Eisbecher ""Himbeere""";3.99\r1;"Eiskaffee";2.99')
    expect(processData(cancelled)).toBe('-1;"Eisbecher ""Himbeere""";3.99')
    expect(processData(transferred)).toBe('AVTransfer^24.00_6.50_0.00_0.00_-30.50^')
    expect(processData(eaten)).toBe('AVSachbezug^0.00_9.90_0.00_0.00_0.00^')
    expect(signed(ordered)).toMatchObject({
      document_type: 'AVBestellung',
      end_event: { process_type: 'Bestellung-V1' },
    })
    expect(ordered).toMatchObject({
      type: 'order',
      allocation_group: 'Tisch 7',
      pretax_amount: '9.22',
      tax_amount: '1.75',
      tip_amount: '0.00',
      total_amount: '10.97',
    })
    expect(ordered).not.toHaveProperty('payments')
    const session = await register.till.get(`/v1/registers/${register.id}/session`)
    expect(session).toMatchObject({ expected_closing_amount: '54.00' })
    const report = await closeAndReport(register)
    // The count without a difference is a Beleg, too.
    const payments = [
      { name: 'Bargeld', amount: '54.00' },
      { name: 'Keine', amount: '0.00' },
    ]
    const unpaid_operations = [
      { type: 'order', count: 2, amount: '6.98' },
      { type: 'transfer', count: 1, amount: '30.50' },
      { type: 'employee_benefit', count: 1, amount: '9.90' },
    ]
    expect(report['totals']).toMatchObject({ payments, unpaid_operations })
    const paper = await register.till.call({ path: `/v1/closings/${String(report['id'])}/receipt.txt` })
    expect(paper.text).toMatch(/Bestellungen:? +2 \(6,98\)/)
    await inDirectory(async (directory) => {
      const { report: checked, files, bonOf, rowsOf } = await exportedPackage(bench)
      expect(checked).toMatchObject({ valid: true, findings: [] })
      expect(bonOf(ordered)).toMatchObject({ BON_TYP: 'AVBestellung', UMS_BRUTTO: '10,97' })
      expect(bonOf(cancelled)).toMatchObject({ BON_TYP: 'AVBestellung', UMS_BRUTTO: '-3,99' })
      expect(bonOf(transferred)).toMatchObject({ BON_TYP: 'AVTransfer', UMS_BRUTTO: '0,00' })
      expect(rowsOf('lines.csv', transferred).map((row) => [row['GV_TYP'], row['ART_NR']])).toMatchObject([
        ['Umsatz', expect.stringMatching(/./)],
        ['Umsatz', expect.stringMatching(/./)],
        ['Forderungsentstehung', ''],
      ])
      expect(
        rowsOf('transactions_vat.csv', transferred).map((row) => [row['UST_SCHLUESSEL'], row['BON_BRUTTO']]),
      ).toEqual([
        ['1', '24,00000'],
        ['2', '6,50000'],
        ['5', '-30,50000'],
      ])
      expect(bonOf(eaten)).toMatchObject({ BON_TYP: 'AVSachbezug', KUNDE_NAME: 'Ada', KUNDE_TYP: 'Mitarbeiter' })
      expect(rowsOf('allocation_groups.csv', ordered)).toMatchObject([{ ABRECHNUNGSKREIS: 'Tisch 7' }])
      expect(rowsOf('allocation_groups.csv', sold)).toEqual([])
      expect(rowsOf('references.csv', transferred)).toMatchObject([{ REF_TYP: 'ExterneSonstige', REF_BON_ID: '4711' }])
      expect(rowsOf('references.csv', ordered)).toEqual([])
      const [closed] = table(files, 'cashpointclosing.csv')
      expect(rowsOf('references.csv', cancelled)).toMatchObject([
        {
          REF_TYP: 'Transaktion',
          POS_ZEILE: '',
          REF_BON_ID: bonOf(ordered)['BON_ID'],
          REF_DATUM: closed?.['Z_ERSTELLUNG'],
        },
      ])
      expect(rowsOf('datapayment.csv', ordered)).toMatchObject([{ ZAHLART_TYP: 'Keine', BASISWAEH_BETRAG: '0,00' }])
      expect(rowsOf('lines.csv', cancelled)).toMatchObject([
        { GV_TYP: 'Umsatz', ART_NR: 'cup', MENGE: '-1,000', STK_BR: '3,99000', P_STORNO: '0' },
      ])
      expect(table(files, 'businesscases.csv').map((row) => [row['GV_TYP'], row['Z_UMS_BRUTTO']])).toEqual([
        ['Anfangsbestand', '50,00000'],
        ['Umsatz', '4,00000'],
        ['DifferenzSollIst', '0,00000'],
      ])
      const { code, parts } = await audited(bench, directory)
      expect([code, parts.filter(({ valid }) => !valid)]).toEqual([0, []])
    })
    expect((await verifyJournal(bench.config.state)).findings).toEqual([])
  },
)

test('a payment sent with an order is refused, and a sale without one after its version was compared', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const ordered = await till.create(order(id, EVENING))
  expect(await till.refused(completion(ordered, [pay('cash', '10.97')]))).toMatchObject({
    code: 'unprocessable_entity',
    fiscal_effect: 'none',
    details: { pointer: '/payments' },
  })
  const open = await till.create(goods('sale', id, [['4.00', '0.07']]))
  const call = { ...completion(open, []), body: {} }
  expect(await till.refused({ ...call, path: '/v1/operations/op_unknown/complete' })).toMatchObject({
    code: 'not_found',
  })
  const { ifMatch: _, ...versionless } = call
  expect(await till.refused(versionless)).toMatchObject({ code: 'precondition_required' })
  expect(await till.refused({ ...call, ifMatch: 2 })).toMatchObject({ code: 'precondition_failed' })
  expect(await till.refused(call)).toMatchObject({
    code: 'invalid_request',
    message: '/payments: is required.',
    details: { reason: 'schema', errors: [{ pointer: '/payments', message: 'is required' }] },
  })
  const { json } = await till.call({ ...completion(ordered, []), body: {} })
  expect(json).toMatchObject({ status: 'completed' })
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '50.00' })
})

test('practised orders are AVTraining, voided ones AVBelegabbruch, and slips name the table and no tax', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const practised = await till.complete(await till.create(order(id, EVENING, { training: true })), [])
  expect(signed(practised)).toMatchObject({
    document_type: 'AVTraining',
    end_event: { process_type: 'Kassenbeleg-V1', process_data: 'AVTraining^10.97_0.00_0.00_0.00_0.00^' },
  })
  const voided = await till.void(await till.create(order(id, EVENING)))
  expect(processData(voided)).toBe('AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^')
  const done = await till.complete(await till.create(order(id, EVENING, { operator_name: 'Eva' })), [])
  const { text } = await till.call({ path: `/v1/operations/${done.id}/receipt?format=text` })
  expect(text).toContain('Bestellung')
  expect(text).toMatch(/Kein Kassenbeleg/i)
  expect(text).toMatch(/Abrechnungskreis:? +Tisch 7/)
  expect(text).toContain('2 x 3,99')
  expect(text).not.toContain('MwSt')
  const receipt = await till.get(`/v1/operations/${done.id}/receipt`)
  expect(receipt).toMatchObject({ total: { value: '10.97' }, payable: { value: '0.00' }, taxes: [], payments: [] })
  expect(receipt['qr']).toContain(';Bestellung-V1;2;"Eisbecher ""Himbeere""";3.99\r1;"Eiskaffee";2.99;')
})

test('an order is neither reversed nor returned, and its cancellation needs no reference', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const done = await till.complete(await till.create(order(id, EVENING)), [])
  const related = { related_operation_id: done.id }
  for (const body of [event('void', id, related), goods('return', id, [['-3.99', '0.19']], related)])
    expect(await till.refused({ path: '/v1/operations', body })).toMatchObject({
      code: 'related_operation_invalid',
      fiscal_effect: 'none',
    })
})
