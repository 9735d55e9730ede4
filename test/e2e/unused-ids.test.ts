import { expect, test } from 'vitest'
import { Bench } from './bench.ts'
import { goods } from './goods.ts'

test('an unused id is unknown, whatever its form, and never malformed', async () => {
  await using bench = await Bench.open()
  const shop = await bench.till()
  for (const id of ['', 'x'.repeat(256), 'ein Text mit ä']) {
    const sale = await shop.till.call({ path: '/v1/operations', body: goods('sale', id, [['1.00', '0.07']]) })
    expect([sale.status, sale.json['code']]).toEqual([404, 'not_found'])
    const body = goods('return', shop.id, [['-1.00', '0.07']], { related_operation_id: id })
    const back = await shop.till.call({ path: '/v1/operations', body })
    expect([back.status, back.json['code']]).toEqual([422, 'related_operation_invalid'])
    const listed = await bench.office.call({
      method: 'GET',
      path: `/v1/operations?register_id=${encodeURIComponent(id)}`,
    })
    // An empty value of a query counts as left out: the list is whole.
    expect(listed.json['data'], id).toHaveLength(id === '' ? 1 : 0)
    const register = await bench.office.call({ path: '/v1/registers', body: { location_id: id, name: 'K' } })
    expect([register.status, register.json['code']]).toEqual([404, 'not_found'])
  }
})
