import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { event, goods, pay } from '../goods.ts'
import { austrianTill, dep131Rows, ONE_CARD, receiptOf, verifiedDep } from './shop.ts'

type Lines = Parameters<typeof goods>[2]

const CUP = { type: 'container_deposit', sku_identifier: 'cup', title: 'Becher', quantity: -1, unit_price: '2.50' }
const COFFEE = { sku_identifier: 'coffee', title: 'Kaffee' }

/** Fields 5 to 9 of the code. */
function fields(done: Operation): string {
  return receiptOf(done).machine_code.split('_').slice(5, 10).join(' ')
}

test('lines that go the other way net in their fields, on one signed receipt each', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till } = register
  const done = async (type: 'sale' | 'return', lines: Lines, method: string, more: Members = {}) => {
    const open = await till.create(goods(type, id, lines, more))
    return till.complete(open, [pay(method, String((open as Operation & { total_amount: string }).total_amount))])
  }
  const first = await done('sale', [['10.00', '0.20', COFFEE]], 'cash')
  const purchase = await done(
    'sale',
    [
      ['10.00', '0.20'],
      ['-2.50', '0', CUP],
    ],
    'cash',
  )
  expect(fields(purchase)).toBe('10,00 0,00 0,00 -2,50 0,00')
  const cups = await done('return', [['-2.50', '0', CUP]], 'cash')
  const sold = await done('sale', [['-2.50', '0.20', CUP]], 'cash')
  expect([fields(cups), fields(sold)]).toEqual(['0,00 0,00 0,00 -2,50 0,00', '-2,50 0,00 0,00 0,00 0,00'])
  for (const type of ['sale', 'return'] as const) {
    const moved = await done(type, [['-2.50', '0', CUP]], 'bank_transfer')
    expect(moved).toMatchObject({ status: 'completed', fiscal: { state: 'not_required' }, fiscal_information: null })
  }
  const off = { ...COFFEE, quantity: -1, unit_price: '10.00' }
  const cancelled = await done(
    'sale',
    [
      ['30.00', '0.20', { ...COFFEE, quantity: 3, unit_price: '10.00' }],
      ['-10.00', '0.20', off],
    ],
    'card',
  )
  expect(fields(cancelled)).toBe('20,00 0,00 0,00 0,00 0,00')
  const back = [
    ['5.00', '0.10'],
    ['-10.00', '0.20', { ...off, related_operation_id: first.id }],
    ['8.00', '0.20'],
  ] as const
  const swapped = await done('sale', back, 'cash')
  expect(fields(swapped)).toBe('-2,00 5,00 0,00 0,00 0,00')
  const undone = await till.create(event('void', id, { related_operation_id: swapped.id }))
  expect(fields(undone)).toBe('2,00 -5,00 0,00 0,00 0,00')

  const paper = async (operation: Operation) =>
    (await till.call({ path: `/v1/operations/${operation.id}/receipt`, headers: { Accept: 'text/plain' } })).text
  expect(await paper(purchase)).toMatch(/Leergut zurück Becher\n +-1 x 2,50 +-2,50/)
  expect(await paper(swapped)).toContain(`Bezug: ${first.id}`)
  const rows = await dep131Rows(bench, id)
  expect(rows.find((row) => row['operation'] === swapped.id && row['reference'] !== '')?.['reference']).toBe(first.id)
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true })
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})
