import { expect, test } from 'vitest'
import type { Json } from '../../base/canonical.ts'
import { fuzzCases } from '../http/fuzz.ts'
import { rawExchange } from '../http/raw-client.ts'
import { Bench } from './bench.ts'
import { goods, pay } from './goods.ts'

const CASES = 10_000
const CLIENTS = 16
const GOOD_EVERY = 500

test('10,000 broken requests: each refused, none journalled, good sales in between unharmed', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const port = Number(new URL(bench.url).port)
  const sale = goods('sale', 'reg_that_does_not_exist', [['4.50', '0.07']]) as { [member: string]: Json }
  const target = { host: `127.0.0.1:${port}`, platformKey: bench.platformKey, sale }
  const cases = fuzzCases(20_260_225, CASES, target)
  const before = bench.journal().length
  const wrong: string[] = []
  let sent = 0
  let sold = 0
  const client = async (): Promise<void> => {
    for (const { bytes, kind, half } of cases) {
      const answer = await rawExchange(port, bytes, { half })
      if (answer === undefined || answer.status < 400 || answer.status >= 500)
        wrong.push(
          `${kind}: ${answer?.status} ${answer?.body.slice(0, 200)} <- ${bytes.toString('latin1').slice(0, 400)}`,
        )
      sent += 1
      if (sent % GOOD_EVERY !== 0) continue
      const done = await till.complete(await till.create(goods('sale', id, [['4.50', '0.07']])), [pay('cash', '4.50')])
      expect(done.fiscal.state).toBe('succeeded')
      sold += 1
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  expect(wrong).toEqual([])
  expect([sent, sold]).toEqual([CASES, CASES / GOOD_EVERY])
  const events = bench.journal().slice(before)
  const kinds = new Map<string, number>()
  for (const { op } of events) kinds.set(op, (kinds.get(op) ?? 0) + 1)
  // Four events a sale: created with its start intended, started, completion with its finish intended, completed.
  expect(kinds.size).toBe(sold)
  expect(new Set(kinds.values())).toEqual(new Set([4]))
  expect(bench.lines.filter(({ level }) => level === 'error')).toEqual([])
})
