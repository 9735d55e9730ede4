import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import type { Operation } from '../client.ts'
import { goods, trade } from '../goods.ts'
import { austrianTill, ONE_CARD } from './shop.ts'

type Lines = Parameters<typeof goods>[2]

function part(amount: string, rate: string, of?: Operation): Lines[number] {
  return [amount, rate, { type: 'deposit', ...(of !== undefined && { related_operation_id: of.id }) }]
}

test('a capture takes each deposit off at its own rate in the fields of its receipt', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till } = register
  const first = await trade(register, 'deposit', [part('50.00', '0.20')])
  const second = await trade(register, 'deposit', [part('10.00', '0.10')])
  const captured = await trade(register, 'deposit_capture', [
    ['120.00', '0.20'],
    part('-50.00', '0.20', first),
    part('-10.00', '0.10', second),
  ])
  expect(JSON.stringify(captured)).toContain('_70,00_-10,00_0,00_0,00_0,00_')
  for (const used of [part('-0.01', '0.20', first), part('-0.01', '0.10', second)]) {
    const body = goods('deposit_capture', id, [['9.00', '0.20'], used])
    expect(await till.refused({ path: '/v1/operations', body })).toMatchObject({ status: 422 })
  }
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
})
