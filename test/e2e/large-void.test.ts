// @module-tag heavy
import { expect, test } from 'vitest'
import { Bench } from './bench.ts'
import type { Client, Operation } from './client.ts'
import { goods, pay } from './goods.ts'

/** Payments of the longest texts, of which the first one pays. */
function longPayments(count: number) {
  const text = '"'.repeat(255)
  const told = { processor: text, processor_reference: text, card_brand: text, scheme: text }
  return Array.from({ length: count }, (_, index) => ({
    ...pay('card', index === 0 ? '30.00' : '0.00'),
    ...told,
    payment_id: `p-${index}`,
  }))
}

test('a sale that is recorded can be voided, however large it and its payments are', async () => {
  await using bench = await Bench.open({})
  const { id, till } = await bench.till()
  const sale = (size: number) =>
    goods(
      'sale',
      id,
      Array.from({ length: 300 }, () => ['0.10', '0.07', { title: '€"'.repeat(size) }] as const),
    )
  const largest = await largestTaken(till, sale, 501)
  for (const payments of [[pay('cash', '30.00')], longPayments(14), longPayments(40)]) {
    const sold = await till.post('/v1/operations', sale(largest))
    const answer = await till.call({
      path: `/v1/operations/${String(sold['id'])}/complete`,
      body: { payments },
      key: `complete-${payments.length}`,
      ifMatch: 1,
    })
    if (payments.length === 40) {
      // A shorter sale takes the same payments.
      expect(answer.json).toMatchObject({ code: 'payload_too_large' })
      const shorter = await till.post('/v1/operations', sale(largest - 100))
      expect(await till.complete(shorter as Operation, payments)).toMatchObject({ status: 'completed' })
      continue
    }
    expect(answer.status).toBe(200)
    const { id: related } = answer.json as Operation
    const reversal = {
      type: 'void',
      register_id: id,
      currency: 'EUR',
      related_operation_id: related,
      reason: '"'.repeat(1000),
      operator_name: '"'.repeat(500),
      external_id: '"'.repeat(255),
      operator_id: '"'.repeat(255),
      metadata: { text: '"'.repeat(4000) },
    }
    expect((await till.call({ path: '/v1/operations', body: reversal, key: `void-${payments.length}` })).status).toBe(
      201,
    )
  }
})

async function largestTaken(till: Client, sale: (size: number) => unknown, above: number): Promise<number> {
  let [taken, refused] = [0, above]
  while (refused - taken > 1) {
    const size = Math.floor((taken + refused) / 2)
    const { status } = await till.call({ path: '/v1/operations', body: sale(size), key: `sale-${size}` })
    if (status === 201) taken = size
    else refused = size
  }
  return taken
}
