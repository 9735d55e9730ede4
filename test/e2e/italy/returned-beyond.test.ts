// @module-tag heavy
import { expect, test } from 'vitest'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { event, pay } from '../goods.ts'
import { PrinterBeside } from './printer-beside.ts'
import { italianShop, italianTill, movement, tillAt } from './shop.ts'

type Kind = Parameters<typeof movement>[0]

/** Pieces of one article; negative ones come back. */
function cups(pieces: number, amount: string, sku = 'TAZZA') {
  const price = (Math.abs(Number(amount)) / Math.abs(pieces)).toFixed(2)
  return { title: 'Tazza', amount, more: { sku_identifier: sku, quantity: pieces, unit_price: price } }
}

async function traded(
  register: Register,
  kind: Kind,
  lines: readonly ReturnType<typeof cups>[],
  of?: Operation,
): Promise<Operation> {
  const body = movement(kind, register, lines, of === undefined ? {} : { related_operation_id: of.id })
  return register.till.complete(await register.till.create(body), [pay('cash', String(body['total_amount']))])
}

async function hintsOf(closing: Promise<Members>): Promise<unknown> {
  return (await closing)['hints'] ?? []
}

function close({ id, till }: Register): Promise<Members> {
  return till.post(`/v1/registers/${id}/closings`, {})
}

function beyond({ id }: Operation, sold: string, returned: string, pieces: readonly [string, string]) {
  return {
    ...{ code: 'returned_beyond_sale', operation_id: id, sold, returned },
    articles: [{ sku_identifier: 'TAZZA', rate: '0.22', sold: pieces[0], returned: pieces[1] }],
  }
}

test('the Z in which it happened names a sale of which more pieces came back than it had', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent()
  const location = await italianShop(bench)
  const [one, two] = [await italianTill(bench, '0.00', location), await italianTill(bench, '0.00', location)]
  const sold = await traded(one, 'sale', [cups(2, '20.00')])
  const other = await traded(one, 'sale', [cups(2, '20.00')])
  await traded(one, 'return', [cups(-1, '-5.00')], sold)
  await traded(two, 'return', [cups(-2, '-20.00')], other)
  expect(await hintsOf(close(one))).toEqual([])
  await traded(two, 'return', [cups(-2, '-10.00')], sold)
  expect(await hintsOf(close(one))).toMatchObject([beyond(sold, '20.00', '15.00', ['2', '3'])])
  await traded(one, 'sale', [cups(1, '1.00')])
  expect(await hintsOf(close(two))).toEqual([])
})

test('free goods of an exchange, a void and training make no hint; a Z of the printer has the hint of its period', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent()
  const register = await italianTill(bench, '50.00')
  const sold = await traded(register, 'sale', [cups(2, '20.00'), cups(1, '0.00', 'PIATTINO')])
  const swap = [cups(-1, '-10.00'), cups(-1, '0.00', 'PIATTINO'), cups(1, '10.00'), cups(1, '0.00', 'FILTRO')]
  await traded(register, 'exchange', swap, sold)
  const wrong = await traded(register, 'sale', [cups(3, '3.00')])
  await register.till.create(event('void', register.id, { related_operation_id: wrong.id }))
  const body = movement('return', register, [cups(-9, '-9.00')], { related_operation_id: sold.id, training: true })
  await register.till.complete(await register.till.create(body), [pay('cash', '-9.00')])
  printer.simulator.closeByItself()
  await traded(register, 'return', [cups(-1, '-1.00')], sold)
  printer.simulator.closeByItself()
  await traded(register, 'return', [cups(-1, '-1.00')], sold)
  expect(await hintsOf(close(register))).toMatchObject([beyond(sold, '20.00', '12.00', ['2', '3'])])
  const closings = await register.till.list(`/v1/registers/${register.id}/closings`)
  const codes = closings.map(({ hints }) => ((hints ?? []) as Members[]).map(({ code }) => code))
  expect(codes.toSorted()).toEqual([['closed_by_printer'], ['closed_by_printer'], ['returned_beyond_sale']])
})

test('of two printers that one has the hint whose document went beyond the sale', async () => {
  await using first = await PrinterBeside.open()
  await using second = await PrinterBeside.open('72IV6000002')
  const devices = [first.device(), { ...second.device(), id: 'rt-2' }]
  await using bench = await Bench.open({ config: { devices } })
  const location = await italianShop(bench)
  const [here, there] = [await tillAt(bench, 'rt-1', location), await tillAt(bench, 'rt-2', location)]
  const sold = await traded(here, 'sale', [cups(1, '20.00')])
  // Begun first, and completed last.
  const late = await there.till.create(
    movement('return', there, [cups(-1, '-20.00')], { related_operation_id: sold.id }),
  )
  await traded(here, 'return', [cups(-1, '-20.00')], sold)
  expect(await hintsOf(close(here))).toEqual([])
  await there.till.complete(late, [pay('cash', '-20.00')])
  expect(await hintsOf(close(there))).toMatchObject([beyond(sold, '20.00', '40.00', ['1', '2'])])
})
