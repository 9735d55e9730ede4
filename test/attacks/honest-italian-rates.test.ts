// @module-tag heavy
import { expect, test } from 'vitest'
import type { Bench, Register } from '../e2e/bench.ts'
import { Bench as OpenBench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { event } from '../e2e/goods.ts'
import { PrinterBeside, printerOf } from '../e2e/italy/printer-beside.ts'
import type { movement } from '../e2e/italy/shop.ts'
import { closed, italianShop, italianTill, sell, tillAt, traded } from '../e2e/italy/shop.ts'
import { verifyJournal } from '../verified-journal.ts'
import { openShop } from './italian-insider.ts'

// Days of honest shops with every rate, natura and kind of line. The VAT of a chiusura is that of its documents, rate by
// rate; a false alarm is a failure.

type Lines = Parameters<typeof movement>[2]

const DEPOSIT = { type: 'deposit' }

async function judged({ config: { state } }: Bench): Promise<unknown[]> {
  const { codes } = await verifyJournal(state)
  return codes.map(({ code }) => code)
}

/** All that a line can be, on a document of its own and on one. */
async function everything(register: Register): Promise<void> {
  const rates: Lines = [
    { title: 'Tè', amount: '7.77', rate: '0.22' },
    { title: 'Torta', amount: '3.33', rate: '0.1' },
    { title: 'Torta', amount: '3.35', rate: '0.10' },
    { title: 'Basilico', amount: '1.01', rate: '0.05' },
    { title: 'Pane', amount: '2.99', rate: '0.0400' },
    { title: 'Francobollo', amount: '1.25', code: 'N1' },
    { title: 'Sigarette', amount: '6.00', code: 'N2.1' },
    { title: 'Biglietto', amount: '1.70', code: 'N2.2' },
    { title: 'Export', amount: '5.00', code: 'N3' },
    { title: 'Visita', amount: '50.00', code: 'N4' },
    { title: 'Usato', amount: '9.99', code: 'N5' },
    { title: 'Rottame', amount: '4.01', code: 'N6' },
    { title: 'Buono regalo', amount: '25.00', rate: '0', more: { type: 'gift_card', gift_card_id: 'GC-1' } },
    { title: 'Omaggio', amount: '0.00' },
  ]
  for (const line of rates) if (line.amount !== '0.00') await traded(register, 'sale', [line])
  const all = await traded(register, 'sale', rates, { tip_amount: '1.23' })
  const back = rates.slice(0, 9).map((line) => ({ ...line, amount: `-${line.amount}` }))
  await traded(register, 'return', back, { related_operation_id: all.id })
  await traded(register, 'sale', [{ title: 'MANCIA', amount: '2.00', code: 'N2' }])
  await traded(register, 'sale', [{ title: 'MANCIA', amount: '2.00', code: 'N2' }], { tip_amount: '0.50' })
}

/** Weights, discounts of a line and of the cart, and amounts that no printer comes to. */
async function discounted(register: Register): Promise<void> {
  const weighed = { quantity: '0.347', unit_price: '12.90' }
  await traded(register, 'sale', [{ title: 'Prosciutto', amount: '4.48', rate: '0.10', more: weighed }])
  const reduced = { unit_price: '8.90', discounts: [{ amount: '0.45', description: 'Sconto' }] }
  await traded(register, 'sale', [{ title: 'Formaggio', amount: '8.45', rate: '0.04', more: reduced }])
  const lines = [
    { title: 'Tè', amount: '9.00', more: { unit_price: '10.00' } },
    { title: 'Pane', amount: '4.50', rate: '0.04', more: { unit_price: '5.00' } },
  ]
  await traded(register, 'sale', lines, { cart_level_discounts: [{ amount: '1.50', description: 'Soci' }] })
}

/** Deposits, captures, returns of them on several documents, exchanges, annulli and training. */
async function reversed(register: Register): Promise<void> {
  const { id, till } = register
  const paid = await traded(register, 'deposit', [{ title: 'Acconto', amount: '70.00', more: DEPOSIT }])
  const lines = [
    { title: 'Sedia', amount: '80.00' },
    { title: 'Acconto', amount: '-70.00', more: DEPOSIT },
  ]
  const captured = await traded(register, 'deposit_capture', lines, { related_operation_id: paid.id })
  await traded(register, 'return', [{ title: 'Sedia', amount: '-80.00' }], { related_operation_id: captured.id })
  const sold = await traded(register, 'sale', [{ title: 'Pane', amount: '12.50', rate: '0.04' }], {
    tip_amount: '1.00',
  })
  const swap = [
    { title: 'Pane', amount: '-12.50', rate: '0.04' },
    { title: 'Teiera', amount: '35.00' },
  ]
  await traded(register, 'exchange', swap, { related_operation_id: sold.id })
  const wrong = await traded(register, 'sale', [{ title: 'Torta', amount: '5.00', rate: '0.10' }], {
    tip_amount: '2.00',
  })
  await till.create(event('void', id, { related_operation_id: wrong.id }))
  await traded(register, 'sale', [{ title: 'Prova', amount: '9.00', rate: '0.04' }], { training: true })
}

test.each(['rch', 'custom', 'epson'] as const)(
  'a day of a shop with everything on its papers, on %s',
  async (family) => {
    await using printer = await printerOf(family)
    await using bench = await printer.agent()
    const register = await italianTill(bench, '500.00')
    for (let day = 0; day < 2; day++) {
      await everything(register)
      await discounted(register)
      await reversed(register)
      await closed(register)
    }
    await everything(register)
    expect(await judged(bench)).toEqual([])
  },
)

test('documents keyed in at any rate and a Z of the printer itself leave its rates those of the operations', () =>
  openShop(async ({ bench, register, printer: { simulator } }) => {
    for (let day = 0; day < 3; day++) {
      simulator.keyInSale(990)
      await traded(register, 'sale', [{ title: 'Pane', amount: '12.50', rate: '0.04' }])
      simulator.keyInSale(120)
      await sell(register, '3.00')
      if (day === 1) simulator.closeByItself()
      else await closed(register)
    }
    await sell(register, '1.00')
    simulator.closeByItself()
    simulator.closeByItself()
    await sell(register, '2.00')
    expect(new Set(await judged(bench))).toEqual(new Set(['rt_document_by_hand']))
  }))

test('a shop that gives tips, vouchers and a natura another department in the middle of a day', async () => {
  await using printer = await PrinterBeside.open()
  const more = { giftCardDepartment: 'N2', tipDepartment: 'N1' }
  await using bench = await printer.agent({ rt: more })
  const location = await italianShop(bench)
  const register = await italianTill(bench, '0.00', location)
  const day = async (): Promise<void> => {
    const card = { title: 'Buono', amount: '25.00', rate: '0', more: { type: 'gift_card', gift_card_id: 'GC-7' } }
    await traded(register, 'sale', [card, { title: 'Sigarette', amount: '6.00', code: 'N2.1' }], { tip_amount: '2.00' })
  }
  await day()
  Object.assign((bench.config as unknown as { rt: Members }).rt, { giftCardDepartment: 'N4', tipDepartment: '0.22' })
  const { departments } = (bench.config.devices[0] ?? {}) as unknown as { departments: Record<string, number> }
  await bench.restart(async () => void Object.assign(departments, { 'N2.1': 6 }))
  await day()
  await closed(register)
  expect(await judged(bench)).toEqual([])
})

test('several printers and several registers at one of them, each with its own rates', async () => {
  await using one = await PrinterBeside.open()
  await using other = await PrinterBeside.open('72IV6000002')
  const devices = [one.device(), { ...other.device(), id: 'rt-2' }]
  await using bench = await OpenBench.open({ config: { devices } })
  const location = await italianShop(bench)
  const registers = await Promise.all(['rt-1', 'rt-1', 'rt-2'].map((device) => tillAt(bench, device, location)))
  for (const register of registers) {
    await traded(register, 'sale', [{ title: 'Pane', amount: '12.50', rate: '0.04' }])
    await sell(register, '3.00')
  }
  for (const register of registers) await closed(register)
  for (const register of registers) await sell(register, '4.00')
  one.simulator.closeByItself()
  for (const register of registers) await sell(register, '5.00')
  expect(await judged(bench)).toEqual([])
})
