// @module-tag heavy
import { expect, test } from 'vitest'
import { fiskalEdge } from '../cli/command.ts'
import type { Bench, Register } from '../e2e/bench.ts'
import { event, pay } from '../e2e/goods.ts'
import { movement, sell } from '../e2e/italy/shop.ts'
import { verifyJournal } from '../verified-journal.ts'
import { configOf } from './insider.ts'
import { editEvents, openShop, reportOf } from './italian-insider.ts'

// The insider leaves documents and counters as they are: he edits the goods of an operation, and signs the journal with
// the machine's own key. The request to the printer is in the intent.

/** Changes the text of each event of one operation. */
function edited(bench: Bench, op: string, change: (text: string) => string): Promise<void> {
  return editEvents(bench, (line) => line.op === op, change)
}

function halved(text: string): string {
  return text.replaceAll('"24.40"', '"12.20"').replaceAll('"cash":2440', '"cash":1220')
}

async function codesOf({ config: { state } }: Bench) {
  const { codes } = await verifyJournal(state)
  return codes
}

function finding({ id: register }: Register, document: string, ...[told, counted, paid]: [string, string, string]) {
  const facts = { register, serial: '72IV6000001', document, stated: told, counted, paid }
  return [{ code: 'rt_amounts_differ', level: 'error', register, serial: '72IV6000001', facts }]
}

test('a sale whose lines, payments and cash were lowered in the journal is not the document that was printed', () =>
  openShop(async ({ bench, register, printer }) => {
    const { id } = await sell(register, '24.40')
    await register.till.post(`/v1/registers/${register.id}/closings`, {})
    await edited(bench, id, halved)
    expect(await codesOf(bench)).toMatchObject(finding(register, '0142-0001', '24.40', '12.20', '12.20'))
    const config = await configOf(bench, { devices: [printer.device()] })
    const verified = await fiskalEdge('journal', 'verify', '--config', config)
    expect(verified.code).toBe(1)
    expect(verified.out).toContain(
      'Printer 72IV6000001: document 0142-0001 was asked for over 24.40, the lines of its operation come to 12.20, its payments to 12.20. (rt_amounts_differ)',
    )
    const { code, report } = await reportOf({ bench, printer })
    expect(code).toBe(1)
    expect(report).toContain(
      "Stampante 72IV6000001: il documento 0142-0001 è stato richiesto per 24,40 EUR; dalle righe dell'operazione risulta 12,20 EUR, dai pagamenti 12,20 EUR. (rt_amounts_differ)",
    )
  }))

test('payments that were lowered alone are found by their sum', () =>
  openShop(async ({ bench, register }) => {
    const { id } = await sell(register, '24.40')
    await edited(bench, id, (text) =>
      text.replaceAll('"amount":"24.40"', '"amount":"12.20"').replaceAll('"cash":2440', '"cash":1220'),
    )
    expect(await codesOf(bench)).toMatchObject(finding(register, '0142-0001', '24.40', '24.40', '12.20'))
  }))

test('a document whose lines were taken out of its intent has an unexplained total', () =>
  openShop(async ({ bench, register }) => {
    const { id } = await sell(register, '24.40')
    await edited(bench, id, (text) => text.replaceAll('"lines":[', '"taken":['))
    expect(await codesOf(bench)).toMatchObject(finding(register, '0142-0001', '?', '24.40', '24.40'))
  }))

test('a sale that was made training in the journal is found by its document', () =>
  openShop(async ({ bench, register }) => {
    const { id } = await sell(register, '24.40')
    await edited(bench, id, (text) => text.replaceAll('"type":"sale"', '"type":"sale","training":true'))
    expect(await codesOf(bench)).toMatchObject(finding(register, '0142-0001', '24.40', '0.00', '0.00'))
  }))

test('a void that was raised in the journal differs from the total of the annulled document', () =>
  openShop(async ({ bench, register }) => {
    const sold = await sell(register, '24.40')
    const { id } = await register.till.create(event('void', register.id, { related_operation_id: sold.id }))
    await edited(bench, id, (text) =>
      text.replaceAll('"-24.40"', '"-44.40"').replaceAll('"cash":-2440', '"cash":-4440'),
    )
    expect(await codesOf(bench)).toMatchObject(finding(register, '0142-0002', '-24.40', '-44.40', '-44.40'))
  }))

test('an exchange whose two sides were lowered equally is found by each of its documents', () =>
  openShop(async ({ bench, register }) => {
    const sold = await sell(register, '20.00')
    const lines = [
      { title: 'Tazza', amount: '-20.00' },
      { title: 'Teiera', amount: '35.00' },
    ]
    const { till } = register
    const open = await till.create(movement('exchange', register, lines, { related_operation_id: sold.id }))
    const { id } = await till.complete(open, [pay('card', '15.00')])
    await edited(bench, id, (text) => text.replaceAll('"-20.00"', '"-10.00"').replaceAll('"35.00"', '"25.00"'))
    const documents = '0142-0002, 0142-0003'
    expect(await codesOf(bench)).toMatchObject(finding(register, documents, '35.00 - 20.00', '25.00 - 10.00', '15.00'))
  }))

const EMPTIES = { title: 'Vuoti', amount: '-2.50', code: 'N1', more: { type: 'container_deposit' } }
const CRATE = { title: 'Acqua', amount: '10.00' }

test.each<[string, (text: string) => string, [string, string, string]]>([
  [
    'empties were raised like the goods',
    (text) => text.replaceAll('"-2.50"', '"-6.50"').replaceAll('"10.00"', '"14.00"'),
    ['10.00 - 2.50', '14.00 - 6.50', '7.50'],
  ],
  [
    'empties became pieces that it takes off',
    (text) => text.replaceAll('"type":"container_deposit"', '"type":"item"'),
    ['10.00 - 2.50', '7.50', '7.50'],
  ],
])('a sale with a reso of which %s is found by each of its documents', (_what, change, sums) =>
  openShop(async ({ bench, register }) => {
    const { till } = register
    const open = await till.create(movement('sale', register, [CRATE, EMPTIES]))
    const { id } = await till.complete(open, [pay('card', '7.50')])
    await edited(bench, id, change)
    expect(await codesOf(bench)).toMatchObject(finding(register, '0142-0001, 0142-0002', ...sums))
  }),
)

test('a piece that the journal says was taken off, and the paper does not, is found', () =>
  openShop(async ({ bench, register }) => {
    const { till } = register
    const of = (quantity: number) => {
      const more = { sku_identifier: 'caffe', unit_price: '2.00', quantity }
      return { title: 'Caffè', amount: `${2 * quantity}.00`, more }
    }
    const open = await till.create(movement('sale', register, [of(3), of(-1)]))
    const { id } = await till.complete(open, [pay('cash', '4.00')])
    await edited(bench, id, (text) =>
      text.replaceAll('"-2.00"', '"-4.00"').replaceAll('"amount":"4.00"', '"amount":"2.00"'),
    )
    expect(await codesOf(bench)).toMatchObject(finding(register, '0142-0001', '4.00', '2.00', '2.00'))
  }))

test('a printed sale whose type was changed counts as printed without an operation', () =>
  openShop(async ({ bench, register }) => {
    const { id } = await sell(register, '24.40')
    await edited(bench, id, (text) => text.replace('"index":{"kind":"sale"', '"index":{"kind":"export"'))
    const facts = { register: '–', document: '–', stated: '24.40', counted: '0.00', paid: '0.00' }
    expect(await codesOf(bench)).toMatchObject([
      { code: 'rt_amounts_differ', level: 'error', facts },
      { code: 'operation_changed', level: 'error' },
    ])
  }))

test('a printed sale without a receipt number is in no session', () =>
  openShop(async ({ bench, register }) => {
    const { id } = await sell(register, '24.40')
    await edited(bench, id, (text) => text.replace(/"receipt":\{"[^}]*\},?/, ''))
    const facts = { register: register.id, document: '0142-0001' }
    expect(await codesOf(bench)).toMatchObject([{ code: 'rt_receipt_missing', level: 'error', facts }])
  }))
