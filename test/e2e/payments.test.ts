import { expect, test } from 'vitest'
import { heavy } from '../tags.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import type { Members } from './client.ts'
import { completion } from './client.ts'
import { goods, pay } from './goods.ts'
import { italianTill, movement, ONE_PRINTER } from './italy/shop.ts'

type Shop = {
  law: string
  config: Members
  open: (bench: Bench) => Promise<Register>
  /** A goods movement of one line. */
  moved: (type: 'sale' | 'return', register: Register, amount: string, more?: Members) => Members
}

const shops: readonly Shop[] = [
  {
    law: 'Germany',
    config: {},
    open: (bench) => bench.till(),
    moved: (type, { id }, amount, more) => goods(type, id, [[amount, '0.07']], more),
  },
  {
    law: 'Austria',
    config: ONE_CARD,
    open: (bench) => austrianTill(bench),
    moved: (type, { id }, amount, more) => goods(type, id, [[amount, '0.20']], more),
  },
  {
    law: 'Italy',
    config: ONE_PRINTER,
    open: (bench) => italianTill(bench),
    moved: (type, register, amount, more) => movement(type, register, [{ title: 'Caffè', amount }], more),
  },
]

test.each(shops)('$law refuses cash that is not captured and takes it captured', async ({ config, open, moved }) => {
  await using bench = await Bench.open({ config })
  const register = await open(bench)
  const { id, till } = register
  const made = await till.create(moved('sale', register, '10.00'))
  const head = bench.head()
  for (const status of ['authorized', 'pending']) {
    const refusal = await till.refused(completion(made, [pay('cash', '10.00', { status })]))
    expect(refusal).toMatchObject({ status: 422, code: 'payment_status_invalid', fiscal_effect: 'none' })
    expect(refusal.details).toEqual({ pointer: '/payments/0/status', method: 'cash', status })
    const part = [pay('card', '4.00'), pay('cash', '6.00', { status })]
    expect((await till.refused(completion(made, part))).details).toMatchObject({ pointer: '/payments/1/status' })
  }
  expect(bench.requestedSince(head)).toEqual([])
  await till.complete(made, [pay('cash', '10.00'), pay('cash', '10.00', { status: 'failed' })])
  const session = await till.get(`/v1/registers/${id}/session`)
  expect(session).toMatchObject({ expected_closing_amount: '60.00' })
})

test.each(shops)(
  '$law refuses cash of an ONLINE operation, in part and as money back',
  heavy(),
  async ({ config, open, moved }) => {
    await using bench = await Bench.open({ config })
    const { office } = bench
    const register = await open(bench)
    const online = { source: 'ONLINE', register_id: null }
    const sold = await office.create(moved('sale', register, '10.00', online))
    for (const payments of [[pay('cash', '10.00')], [pay('card', '4.00'), pay('cash', '6.00')]]) {
      const refusal = await office.refused(completion(sold, payments))
      expect(refusal).toMatchObject({ status: 422, code: 'payment_method_not_supported', fiscal_effect: 'none' })
      const pointer = `/payments/${payments.length - 1}/method`
      expect(refusal.details).toEqual({ pointer, method: 'cash', source: 'ONLINE' })
    }
    await office.complete(sold, [pay('card', '10.00'), pay('cash', '10.00', { status: 'failed' })])
    const reference = { ...online, related_operation_id: sold.id }
    const back = await office.create(moved('return', register, '-10.00', reference))
    expect((await office.refused(completion(back, [pay('cash', '-10.00')]))).code).toBe('payment_method_not_supported')
    expect(await office.complete(back, [pay('card', '-10.00')])).toMatchObject({ status: 'completed' })
  },
)
