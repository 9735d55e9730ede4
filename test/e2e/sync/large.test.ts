// @module-tag heavy
import { expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import type { Operation } from '../client.ts'
import { FastClock } from '../fast-clock.ts'
import { goods, pay } from '../goods.ts'
import { Cloud } from './cloud.ts'

const LIMIT = 1 << 20

test('any answer to a till fits into an event of 1 MiB, so that no operation can block sync', async () => {
  await using cloud = await Cloud.open()
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets: cloud.targets } } })
  const { chainId } = await cloud.enrol(bench.journal())
  const { id, till } = await bench.till()
  const sale = (size: number) => {
    const title = '€"'.repeat(Math.floor(size / 2))
    return goods(
      'sale',
      id,
      Array.from({ length: 600 }, () => ['0.10', '0.07', { title }] as const),
    )
  }
  const sizes = [100, 300, 440, 480, 520, 600]
  const statuses: number[] = []
  for (const size of sizes) {
    const answer = await till.call({ path: '/v1/operations', body: sale(size), key: `sale-${size}` })
    statuses.push(answer.status)
    if (answer.status === 201) await till.complete(answer.json as Operation, [pay('cash', '60.00')])
    else
      expect(answer.json).toMatchObject({
        code: 'payload_too_large',
        message: expect.stringContaining('in several operations'),
      })
  }
  expect(new Set(statuses)).toEqual(new Set([201, 413]))
  for (const { body, seq } of bench.journal()) expect(JSON.stringify(body).length, `event ${seq}`).toBeLessThan(LIMIT)
  await bench.untilSynced()
  const hashes = bench.journal().map(({ hash }) => Buffer.from(hash, 'base64url').toString('hex'))
  expect(await cloud.hashes(chainId)).toEqual(hashes)
})
