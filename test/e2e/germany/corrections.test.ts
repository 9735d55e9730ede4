import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { processData } from '../client.ts'
import { sums } from '../closing-sums.ts'
import { event, goods, pay, sell } from '../goods.ts'
import { closing, counted } from '../shift.ts'

/** The requests of docs/germany.md, in its order. */
async function documented(register: Register): Promise<Members[]> {
  const page = await readFile(new URL('../../../docs/germany.md', import.meta.url), 'utf8')
  const requests = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => String(json))
  return requests.map((json) => JSON.parse(json.replace('reg_…', register.id)) as Members)
}

async function endsShift(register: Register): Promise<Members> {
  const { id, till } = register
  const { expected_closing_amount: expected } = await till.get(`/v1/registers/${id}/session`)
  await counted(register, String(expected))
  await till.create(closing(register, '0.00'))
  return till.post(`/v1/registers/${id}/closings`, { type: 'shift' })
}

test('the documented correction of a payment method after the Z moves the money and no turnover', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  await sell(register, '20.00')
  await endsShift(register)
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '120.00' }))
  const [sale = {}, completion] = await documented(register)
  const open = await register.till.create(sale)
  const done = await register.till.complete(open, completion?.['payments'] as Members[])
  expect(processData(done)).toBe('Beleg^0.00_0.00_0.00_0.00_0.00^-20.00:Bar_20.00:Unbar')
  expect(sums(await endsShift(register))).toMatchObject({ Bargeld: '100.00', Karte: '20.00', Umsatz: '0.00' })
})

test('the two lines of a documented menu are signed at their own rates, and come back together', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const { id, till } = register
  const menu = [
    ['9.03', '0.07', { title: 'Burgermenü Speise', sku_identifier: 'menu-meal' }],
    ['3.87', '0.19', { title: 'Burgermenü Getränk', sku_identifier: 'menu-drink' }],
  ] as const
  const done = await till.complete(await till.create(goods('sale', id, menu)), [pay('cash', '12.90')])
  expect(processData(done)).toBe('Beleg^3.87_9.03_0.00_0.00_0.00^12.90:Bar')
  const undone = await till.create(event('void', id, { related_operation_id: done.id }))
  expect(processData(undone)).toBe('Beleg^-3.87_-9.03_0.00_0.00_0.00^-12.90:Bar')
})

test('a sale recorded again with customer before the Z prints the name that the guest wants', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const { id, till } = register
  const first = await sell(register, '50.00')
  await till.create(event('void', id, { related_operation_id: first.id }))
  const customer = {
    name: 'Erika Muster GmbH',
    address: { line1: 'Ring 1', city: 'Bonn', postal_code: '53111', country_code: 'DEU' },
  }
  const open = await till.create(goods('sale', id, [['50.00', '0.07']], { customer }))
  const again = await till.complete(open, [pay('cash', '50.00')])
  const receipt = await till.call({ path: `/v1/operations/${again.id}/receipt`, headers: { Accept: 'text/plain' } })
  expect(receipt.text).toContain('Erika Muster GmbH')
  expect(sums(await endsShift(register))).toMatchObject({ Umsatz: '50.00', Bargeld: '150.00' })
})
