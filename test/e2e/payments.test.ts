import { expect, test } from 'vitest'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import type { Members } from './client.ts'
import { completion } from './client.ts'
import { goods, pay } from './goods.ts'
import { italianTill, movement, ONE_PRINTER } from './italy/shop.ts'

type Shop = readonly [law: string, config: Members, open: (bench: Bench) => Promise<Register>, sale: typeof saleOf]

const saleOf = ({ id }: Register, rate = '0.07'): Members => goods('sale', id, [['10.00', rate]])

const shops: readonly Shop[] = [
  ['Germany', {}, (bench) => bench.till(), saleOf],
  ['Austria', ONE_CARD, (bench) => austrianTill(bench), (register) => saleOf(register, '0.20')],
  [
    'Italy',
    ONE_PRINTER,
    (bench) => italianTill(bench),
    (register) => movement('sale', register, [{ title: 'Caffè', amount: '10.00' }]),
  ],
]

test.each(shops)(
  '%s refuses cash that is not captured, and completes the same sale with captured cash',
  async (_law, config, open, sale) => {
    await using bench = await Bench.open({ config })
    const register = await open(bench)
    const { id, till } = register
    const made = await till.create(sale(register))
    const before = bench.journal().length
    for (const status of ['authorized', 'pending']) {
      const refusal = await till.refused(completion(made, [pay('cash', '10.00', { status })]))
      expect(refusal).toMatchObject({
        status: 422,
        code: 'payment_status_invalid',
        fiscal_effect: 'none',
        retryable: false,
      })
      expect(refusal.details).toEqual({ pointer: '/payments/0/status', method: 'cash', status })
      const part = [pay('card', '4.00'), pay('cash', '6.00', { status })]
      expect((await till.refused(completion(made, part))).details).toMatchObject({ pointer: '/payments/1/status' })
    }
    expect(bench.journal().length).toBe(before)
    await till.complete(made, [pay('cash', '10.00'), pay('cash', '10.00', { status: 'failed' })])
    const session = await till.get(`/v1/registers/${id}/session`)
    expect(session).toMatchObject({ expected_closing_amount: '60.00' })
  },
)
