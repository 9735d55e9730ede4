// @module-tag heavy
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { processData } from '../e2e/client.ts'
import { count, countedFrancs, frankSale } from '../e2e/germany/foreign-cash.ts'
import { elsewhere, event, goods, order, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'
import { backUp, restore } from './parts.ts'
import { packageOf } from './restored-shop.ts'

async function sell({ id, till }: Register, amount: string, method = 'cash', more: Members = {}) {
  return till.complete(await till.create(goods('sale', id, [[amount, '0.07']], more)), [pay(method, amount)])
}

function numbersOf(operation: Members): { receipt: number; transaction: number } {
  const { receipt_number, transaction_number } = operation['fiscal_information'] as Members
  return { receipt: Number(receipt_number), transaction: Number(transaction_number) }
}

/**
 * A shop that continues by `lose` after its backup, which is then restored while the TSE stays as it is. Returns what its
 * first start took over, and the continued shop.
 */
async function adopted(bench: Bench, register: Register, lose: (register: Register) => Promise<unknown>) {
  const folder = await temporaryDirectory()
  await bench.stop()
  const { file } = await backUp(bench.config.state, folder)
  await bench.start()
  const keyed = (shop: Bench): Register => ({ ...register, till: shop.client({ 'X-Register-Api-Key': register.key }) })
  await lose(keyed(bench))
  await bench.stop()
  const state = join(folder, 'state')
  await restore(state, file)
  // The TSE is a device: it was not set back with the disk.
  await rm(join(state, 'devices'), { recursive: true })
  await cp(join(bench.config.state, 'devices'), join(state, 'devices'), { recursive: true })
  const shop = await Bench.open({ config: { state } })
  const lost = shop
    .journal()
    .filter(({ kind }) => kind === 'transaction.lost')
    .map(({ body }) => (JSON.parse(body) as { facts: Members }).facts)
    .map(({ receipt_number, transaction }) => ({ receipt: receipt_number, transaction }))
  return { shop, folder, state, lost, register: keyed(shop) }
}

function rows(files: ReadonlyMap<string, string>, name: string): string[][] {
  return (files.get(name) ?? '')
    .split('\r\n')
    .slice(1, -1)
    .map((row) => row.split(';').slice(2))
}

test("receipts that the journal lost get their numbers back, and are in the books with the TSE's data", async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  await sell(register, '1.00')
  const sales: { receipt: number; transaction: number }[] = []
  const { shop, folder, state, lost, ...moved } = await adopted(bench, register, async (till) => {
    sales.push(numbersOf(await sell(till, '2.00')))
    sales.push(numbersOf(await sell(till, '3.00', 'card')))
    const { id, till: client } = till
    const open = await client.create(goods('sale', id, [['4.00', '0.19']]))
    sales.push(numbersOf((await client.void(open)) as unknown as Members))
    sales.push(numbersOf(await sell(till, '5.00', 'cash', { training: true })))
    sales.push(numbersOf(await client.create(event('session_cash_adjustment', id, { cash_amount: '-1.50' }))))
  })
  await using _ = shop
  expect(lost).toEqual(sales)
  const next = await sell(moved.register, '6.00')
  // A receipt without a signature may have any number of the day.
  expect(numbersOf(next).receipt).toBe(1003)
  // 50.00 and 1.00, then 2.00 and -1.50 of the lost ones, and 6.00.
  const count = (await counted(moved.register, '57.50')) as Members
  expect(count['expected_closing_amount']).toBe('57.50')
  await moved.register.till.create(closing(moved.register, '0.00'))
  const files = await packageOf(shop, folder)
  const bons = rows(files, 'transactions.csv')
  const given = sales.map(({ receipt }) => String(receipt))
  expect(bons.map((row) => row[2])).toEqual(['1', '2', ...given, '1003', '1004'])
  expect(bons.filter((row) => row.join(';').includes('aus der TSE')).map((row) => row[3])).toEqual([
    '"Beleg"',
    '"Beleg"',
    '"AVBelegabbruch"',
    '"AVTraining"',
    '"Beleg"',
  ])
  expect(rows(files, 'cashpointclosing.csv')[0]?.at(-1)).toBe('57,50')
  await shop.stop()
  expect(await verifyJournal(state)).toMatchObject({ valid: true, projections: 'equal' })
})

test('a sale, return, movement or opening without a sale is a bon again that the checks of a package accept', async () => {
  await using bench = await Bench.open({ config: { dsfinvk: { exportDrawerOpenings: true } } })
  const register = await bench.till()
  const { shop, folder, lost, ...moved } = await adopted(bench, register, async ({ id, till }) => {
    const mixed = [
      ['10.00', '0.19'],
      ['5.00', '0.07'],
      ['3.00', '0.078'],
      ['2.00', '0.055'],
      ['1.00', '0'],
    ] as const
    const voucher = pay('gift_card', '6.00', { gift_card_id: 'GC-1' })
    const change = [voucher, pay('card', '10.00'), pay('cash', '10.00'), pay('cash', '-4.00')]
    await till.complete(await till.create(goods('sale', id, mixed, { tip_amount: '1.00' })), change)
    const back = goods('return', id, [['-7.00', '0.19']], elsewhere)
    await till.complete(await till.create(back), [pay('cash', '-7.00')])
    const swap = goods(
      'exchange',
      id,
      [
        ['-5.00', '0.07'],
        ['5.00', '0.19'],
      ],
      elsewhere,
    )
    await till.complete(await till.create(swap), [pay('cash', '0.00')])
    const sold = await sell({ id, till, clientId: '', key: '' }, '4.00')
    await till.create(event('void', id, { related_operation_id: sold.id }))
    await till.post('/v1/cash-drawer-openings', { occurred_at: '2026-03-02T12:00:00Z', reason: 'Wechselgeld' })
    await counted({ id, till, clientId: '', key: '' }, '49.00')
    await till.create(closing({ id, till, clientId: '', key: '' }, '-40.00'))
    await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  })
  await using _ = shop
  expect(lost.map(({ receipt }) => receipt)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10])
  await counted(moved.register, '9.00')
  await moved.register.till.create(closing(moved.register, '0.00'))
  const files = await packageOf(shop, folder)
  const types = rows(files, 'transactions.csv').map((row) => row[3])
  expect(types.filter((type) => type === '"AVSonstige"')).toHaveLength(1)
  expect(rows(files, 'cashpointclosing.csv')[0]?.at(-1)).toBe('9,00')
})

test('outside of a session they get a separate closing, and the next session starts from their cash in the drawer', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  await sell(register, '1.00')
  await counted(register, '51.00')
  await register.till.create(closing(register, '-51.00'))
  const { shop, folder, lost, ...moved } = await adopted(bench, register, async (till) => {
    await till.till.create(event('session_open', till.id, { opening_balance_amount: '20.00' }))
    await sell(till, '2.00')
    await sell(till, '3.00', 'card')
  })
  await using _ = shop
  expect(lost.map(({ receipt }) => receipt)).toEqual([5, 6, 7])
  const { id, till } = moved.register
  await till.create(event('session_open', id, { opening_balance_amount: '22.00' }))
  const sold = await sell(moved.register, '4.00')
  expect(numbersOf(sold).receipt).toBe(1006)
  await counted(moved.register, '26.00')
  await till.create(closing(moved.register, '0.00'))
  const files = await packageOf(shop, folder)
  expect(rows(files, 'cashpointclosing.csv').map((row) => [row[0], row.at(-1)])).toEqual([
    ['1', '0,00'],
    // Those from 2 on are set aside: a close may be on paper.
    ['1002', '22,00'],
    ['1003', '26,00'],
  ])
  // The next session begins with the remaining cash: nothing came from the safe.
  const openings = rows(files, 'businesscases.csv').filter(([z, kind]) => z === '1003' && kind === '"Geldtransit"')
  expect(openings).toEqual([])
})

test('an order that only the TSE still had is in the books with its lines and without VAT, and no line of it is open', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { shop, folder, state, lost, ...moved } = await adopted(bench, register, async ({ id, till }) => {
    const lines = [
      ['7.98', '0.19', { title: 'Eisbecher "Himbeere"', quantity: 2, unit_price: '3.99' }],
      ['4.13', '0.07', { title: 'Käseplatte (1/2)', quantity: 0.333, unit_price: '12.40' }],
    ] as const
    await till.complete(await till.create(order(id, lines)), [])
    await till.complete(await till.create(goods('transfer', id, [['24.00', '0.19']])), [])
    const staff = { customer: { name: 'Ada' } }
    await till.complete(await till.create(goods('employee_benefit', id, [['9.90', '0.07']], staff)), [])
  })
  await using _ = shop
  expect(lost).toHaveLength(3)
  await counted(moved.register, '50.00')
  await moved.register.till.create(closing(moved.register, '0.00'))
  const files = await packageOf(shop, folder)
  const bons = rows(files, 'transactions.csv').filter((row) => row.join(';').includes('aus der TSE'))
  expect(bons.map((row) => row[3])).toEqual(['"AVBestellung"', '"AVTransfer"', '"AVSachbezug"'])
  const own = rows(files, 'lines.csv').filter(([, bon]) => bon === bons[0]?.[1])
  expect(own.map((row) => [row[4], row[11], row[15]])).toEqual([
    ['"Eisbecher ""Himbeere"""', '"unbekannt"', '2,000'],
    ['"Käseplatte (1/2)"', '"unbekannt"', '0,333'],
  ])
  expect(rows(files, 'allocation_groups.csv')).toEqual([])
  expect(rows(files, 'cashregister.csv').map((row) => row.at(-1))).toEqual(['"0"'])
  expect(rows(files, 'vat.csv').some(([, key]) => key === '7')).toBe(true)
  await shop.stop()
  expect(await verifyJournal(state)).toMatchObject({ valid: true, projections: 'equal' })
})

test('a bill and a move that only the TSE still had are in the books, and the orders before are open as they were', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const cup = [['3.99', '0.19', { sku_identifier: 'cup' }]] as const
  await register.till.complete(await register.till.create(order(register.id, [...cup, ...cup])), [])
  const { shop, folder, state, lost, ...moved } = await adopted(bench, register, async ({ id, till }) => {
    const open = await till.create(goods('sale', id, cup, { allocation_group: 'Tisch 7' }))
    await till.complete(open, [pay('card', '3.99')])
    await till.create(event('order_move', id, { from_allocation_group: 'Tisch 7', allocation_group: 'Tisch 8' }))
  })
  await using _ = shop
  expect(lost).toHaveLength(2)
  const [table, ...others] = await moved.register.till.list('/v1/allocation-groups')
  expect(others).toEqual([])
  expect(table).toMatchObject({ allocation_group: 'Tisch 7', total_amount: '7.98' })
  const count = event('session_cash_count', register.id, { counted_closing_amount: '50.00' })
  expect(await moved.register.till.create(count)).toMatchObject({ open_allocation_groups: 1 })
  await moved.register.till.create(closing(moved.register, '0.00'))
  const files = await packageOf(shop, folder)
  const bons = rows(files, 'transactions.csv').filter((row) => row.join(';').includes('aus der TSE'))
  expect(bons.map((row) => [row[3], row[4]])).toEqual([
    ['"Beleg"', ''],
    ['"AVSonstige"', '"Umbuchung"'],
  ])
  await shop.stop()
  expect(await verifyJournal(state)).toMatchObject({ valid: true, projections: 'equal' })
})

test('lost receipts in francs are in drawer, count, close and books again, each currency with its units', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await frankSale(register)
  const { shop, folder, state, lost, ...moved } = await adopted(bench, register, async (till) => {
    await frankSale(till)
    await sell(till, '2.00')
  })
  await using _ = shop
  expect(lost).toHaveLength(2)
  // 50.00, twice 3.60 of change, and 2.00; 20 francs before and 20 that were lost.
  expect(await moved.register.till.get(`/v1/registers/${register.id}/session`)).toMatchObject({
    expected_closing_amount: '44.80',
    foreign_cash: [{ currency: 'CHF', expected_amount: '40.00', base_amount: '37.20' }],
  })
  await count(moved.register, '44.80', [countedFrancs('40.00')])
  const closed = await moved.register.till.create(closing(moved.register, '0.00'))
  expect(processData(closed)).toBe('Beleg^0.00_0.00_0.00_0.00_-37.20^-40.00:Bar:CHF')
  const files = await packageOf(shop, folder)
  const francsPaid = rows(files, 'datapayment.csv').filter((row) => row.includes('"CHF"'))
  expect(francsPaid.map((row) => row.slice(-2))).toEqual([
    ['20,00', '18,60'],
    ['20,00', '18,60'],
    ['-40,00', '-37,20'],
  ])
  expect(rows(files, 'cashpointclosing.csv')[0]?.at(-1)).toBe('44,80')
  await shop.stop()
  expect(await verifyJournal(state)).toMatchObject({ valid: true, projections: 'equal' })
})
