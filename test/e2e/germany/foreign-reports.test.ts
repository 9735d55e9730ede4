// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { closingsOf } from '../../../agent/laws/germany/audit-closings.ts'
import { inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { event, goods, sell } from '../goods.ts'
import { closing } from '../shift.ts'
import { count, countedFrancs, francs, frankSale } from './foreign-cash.ts'

// Foreign cash is in the drawer until the close takes all of it out: reports and page say how much, each in its currency.

function reported({ id, till }: Register, type: string): Promise<Members> {
  return till.post(`/v1/registers/${id}/closings`, { type })
}

function foreignOf(report: Members): unknown {
  return (report['totals'] as Members)['foreign_cash']
}

async function paper({ till }: Register, report: Members): Promise<unknown> {
  const { header } = await till.get(`/v1/closings/${report['id']}/receipt`)
  return (header as { label: string; value: string }[]).filter(({ label }) => label.startsWith('Bar '))
}

async function drawer(register: Register): Promise<unknown> {
  const { registers } = await register.till.get('/v1/overview')
  const [{ session } = { session: undefined }] = registers as { session: Members | null }[]
  return session?.['foreign_cash']
}

/** The rows of foreign cash in the Z reports of an audit. */
async function audited(bench: Bench): Promise<unknown> {
  return inDirectory(async (directory) => {
    const books = join(directory, 'books.zip')
    await writeFile(books, await bench.exported('dsfinvk'))
    const rows: unknown[] = []
    for await (const { model } of closingsOf(books, undefined, (id) => id))
      rows.push(model.header.filter(({ label }) => label.startsWith('Bar ')))
    return rows
  })
}

test('the day so far, its page and its paper have foreign cash by currency, and a closing none of it left', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sell(register, '5.00')
  const plain = await reported(register, 'shift')
  expect([foreignOf(plain), await paper(register, plain), await drawer(register)]).toEqual([undefined, [], undefined])
  await frankSale(register)
  const { id, till } = register
  const open = await till.create(goods('sale', id, [['10.00', '0.19']]))
  await till.complete(open, [francs('11.00', '10.00', { currency: 'USD', payment_id: 'usd' })])
  const soFar = await reported(register, 'shift')
  expect(foreignOf(soFar)).toEqual([
    { currency: 'CHF', amount: '20.00' },
    { currency: 'USD', amount: '11.00' },
  ])
  expect(await paper(register, soFar)).toEqual([
    { label: 'Bar CHF', value: '20,00' },
    { label: 'Bar USD', value: '11,00' },
  ])
  expect(await drawer(register)).toEqual([
    { currency: 'CHF', expected_amount: '20.00' },
    { currency: 'USD', expected_amount: '11.00' },
  ])
  await count(register, '51.40', [countedFrancs('18.00'), countedFrancs('11.00', { currency: 'USD' })])
  expect(await drawer(register)).toEqual([
    { currency: 'CHF', expected_amount: '20.00' },
    { currency: 'USD', expected_amount: '11.00' },
  ])
  await till.create(closing(register, '0.00'))
  const none = [
    { currency: 'CHF', amount: '0.00' },
    { currency: 'USD', amount: '0.00' },
  ]
  expect(foreignOf(await reported(register, 'daily'))).toEqual(none)
  await till.create(event('session_open', id, { opening_balance_amount: '51.40' }))
  await frankSale(register)
  await count(register, '47.80', [countedFrancs('20.00')])
  await till.create(closing(register, '0.00'))
  const month = await reported(register, 'monthly')
  expect([foreignOf(month), await paper(register, month)]).toEqual([
    none,
    [
      { label: 'Bar CHF', value: '0,00' },
      { label: 'Bar USD', value: '0,00' },
    ],
  ])
  expect(await audited(bench)).toEqual([
    [
      { label: 'Bar CHF', value: '0,00' },
      { label: 'Bar USD', value: '0,00' },
    ],
    [{ label: 'Bar CHF', value: '0,00' }],
  ])
})
