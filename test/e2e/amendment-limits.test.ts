import { expect, test } from 'vitest'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { Bench } from './bench.ts'
import type { Client, Members, Operation } from './client.ts'
import { amending, completion } from './client.ts'
import { FastClock } from './fast-clock.ts'
import { goods, goodsOf, pay } from './goods.ts'

function begin(id: string): Members {
  return { type: 'sale', source: 'POS', register_id: id, currency: 'EUR', line_items: [] }
}

/** Lines with titles of that many characters, three bytes each. */
function long(id: string, count: number, size: number): Members {
  const lines = Array.from({ length: count }, () => ['0.10', '0.07', { title: '€'.repeat(size) }] as const)
  return goods('sale', id, lines)
}

test(
  'the amendments of an operation take at most 4 MiB; it can be completed then, with other goods too',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const { id, till } = await bench.till()
    const large = long(id, 300, 800)
    let open = await till.create(begin(id))
    let refusal: Members | undefined
    let amendments = 0
    while (refusal === undefined) {
      const answer = await till.call(amending(open, large))
      if (answer.status === 200) open = answer.json as Operation
      else refusal = answer.json
      amendments += 1
    }
    expect(refusal).toMatchObject({
      ...{ status: 413, code: 'payload_too_large', fiscal_effect: 'none' },
      message: expect.stringContaining('complete it, or begin another'),
      details: { operation_id: open.id, limit_bytes: 4 << 20 },
    })
    const stored = bench.journal().filter(({ op }) => op === open.id)
    const bytes = stored.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0)
    expect([bytes > 3_500_000, bytes <= 4 << 20, amendments]).toEqual([true, true, 6])
    const small = goods('sale', id, [['3.00', '0.07']])
    const dry = { ...amending(open, large), headers: { Prefer: 'dry-run' } }
    expect(await till.refused(dry)).toMatchObject({ status: 413 })
    const call = { ...completion(open, [pay('cash', '3.00')], goodsOf(small)), ifMatch: open.resource_version }
    expect((await till.call(call)).json).toMatchObject({ status: 'completed', total_amount: '3.00' })
    // Another operation has its own limit.
    const other = await till.create(begin(id))
    expect(await till.amend(other, large)).toMatchObject({ resource_version: 2 })
  },
)

test.each(['amendment', 'completion'])(
  'goods that come with an %s leave room for their end and their void',
  heavy(),
  async (by) => {
    await using bench = await Bench.open()
    const { id, till } = await bench.till()
    const size = await largestTaken(till, id, by)
    const head = bench.head()
    const open = await till.create(begin(id))
    const refused = await send(till, open, long(id, 300, size + 1), by)
    expect(refused.json).toMatchObject({ status: 413, code: 'payload_too_large', fiscal_effect: 'none' })
    // Two events of the begin, and nothing else.
    expect(bench.requestedSince(head)).toHaveLength(2)
    const taken = await send(till, open, long(id, 300, size), by)
    expect(taken.status, taken.text.slice(0, 300)).toBe(200)
    if (by === 'amendment') {
      const call = { ...completion(open, [pay('cash', '30.00')]), ifMatch: 2 }
      expect((await till.call(call)).status).toBe(200)
    }
    const reversal = { type: 'void', register_id: id, currency: 'EUR', related_operation_id: open.id }
    const texts = { reason: '"'.repeat(1000), operator_name: '"'.repeat(500), metadata: { text: '"'.repeat(4000) } }
    expect(await till.create({ ...reversal, ...texts })).toMatchObject({ total_amount: '-30.00' })
    const longest = Math.max(...bench.journal().map((line) => Buffer.byteLength(JSON.stringify(line))))
    expect(longest).toBeLessThan(1 << 20)
  },
)

test.each(['down', 'silent since the begin'])(
  'while the TSE is %s, a completion takes as many goods as one that is signed',
  heavy(),
  async (how) => {
    await using bench = await Bench.open({ clock: new FastClock(10) })
    const { id, till } = await bench.till()
    const large = long(id, 300, 800)
    const cash = [pay('cash', '30.00')]
    if (how === 'down') {
      const open = await till.create(begin(id))
      await bench.fault('unplugged@*')
      const first = await till.create(goods('sale', id, [['1.00', '0.07']]))
      await till.complete(first, [pay('cash', '1.00')])
      expect(await till.complete(open, cash, goodsOf(large))).toMatchObject({ fiscal: { state: 'failed' } })
    } else {
      await bench.fault('lost-answer@start', 'unplugged@open')
      const open = await till.create(begin(id))
      expect(await till.complete(open, cash, goodsOf(large))).toMatchObject({ fiscal: { state: 'pending' } })
      await bench.fault('clear')
      const read = () => till.read(open.id)
      await bench.until(async () => (await read()).fiscal.state !== 'pending')
      expect(await read()).toMatchObject({ total_amount: '30.00', line_items: { length: 300 } })
    }
    const longest = Math.max(...bench.journal().map((line) => Buffer.byteLength(JSON.stringify(line))))
    expect(longest).toBeLessThan(1 << 20)
    await bench.stop()
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
  },
)

function send(till: Client, open: Operation, body: Members, by: string) {
  return till.call(by === 'amendment' ? amending(open, body) : completion(open, [pay('cash', '30.00')], goodsOf(body)))
}

async function largestTaken(till: Client, id: string, by: string): Promise<number> {
  let [taken, refused] = [900, 1000]
  while (refused - taken > 1) {
    const size = Math.floor((taken + refused) / 2)
    const { status } = await send(till, await till.create(begin(id)), long(id, 300, size), by)
    if (status === 200) taken = size
    else refused = size
  }
  return taken
}
