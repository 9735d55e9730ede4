// @module-tag heavy
import { expect, test } from 'vitest'
import type { Json } from '../../base/canonical.ts'
import { changedBodies, fuzzCases } from '../http/fuzz.ts'
import { rawExchange } from '../http/raw-client.ts'
import { verifyJournal } from '../verified-journal.ts'
import { Bench } from './bench.ts'
import type { Members, Operation } from './client.ts'
import { amending, completion } from './client.ts'
import { goods, order, pay } from './goods.ts'

const CASES = 10_000
const CLIENTS = 16
const GOOD_EVERY = 500
const NO_AMOUNTS = { pretax_amount: '0.00', tax_amount: '0.00', tip_amount: '0.00', total_amount: '0.00' }

test('10,000 broken requests: each refused, none journalled, good sales in between unharmed', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const port = Number(new URL(bench.url).port)
  const lines: Parameters<typeof order>[1] = [['4.50', '0.07']]
  const sale = goods('sale', 'reg_that_does_not_exist', lines) as { [member: string]: Json }
  const staff = { customer: { name: 'Ada' } }
  const others = [
    order('reg_that_does_not_exist', lines),
    goods('transfer', 'reg_that_does_not_exist', lines, { allocation_group: 'Tisch 7' }),
    goods('employee_benefit', 'reg_that_does_not_exist', lines, staff),
  ] as { [member: string]: Json }[]
  const target = { host: `127.0.0.1:${port}`, platformKey: bench.platformKey, sale, others }
  const cases = fuzzCases(20_260_225, CASES, target)
  const head = bench.head()
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
  const events = bench.requestedSince(head)
  const kinds = new Map<string, number>()
  for (const { op } of events) kinds.set(op, (kinds.get(op) ?? 0) + 1)
  // Four events a sale: created with its start intended, started, completion with its finish intended, completed.
  expect(kinds.size).toBe(sold)
  expect(new Set(kinds.values())).toEqual(new Set([4]))
  expect(bench.lines.filter(({ level }) => level === 'error')).toEqual([])
})

test('1,000 amendments and completions with changed goods: each is taken whole or refused, and the journal verifies', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const discounts = [{ amount: '0.10' }]
  const line = { quantity: 2, unit_price: '2.25', discounts: [{ amount: '0.10', description: 'x' }], gtin: '4' }
  const body = goods(
    'sale',
    id,
    [
      ['4.40', '0.07', line],
      ['1.00', '0.19', { type: 'service_charge' }],
    ],
    {
      ...{ customer: { name: 'Erika', email: 'e@example.org' }, metadata: { a: [1] } },
    },
  ) as { [member: string]: Json }
  const { type: _type, source: _source, register_id: _register, currency: _currency, ...members } = body
  let open = await till.create({ ...body, line_items: [], ...NO_AMOUNTS })
  let taken = 0
  for (const changed of changedBodies(20_261_126, 1_000, { ...members, cart_level_discounts: discounts })) {
    const isLast = taken % 5 === 4
    const { customer: _customer, metadata: _metadata, ...last } = changed as Members
    const total = (last['total_amount'] ?? '0.00') as string
    const call = isLast ? completion(open, [pay('cash', total)], last) : amending(open, changed as Members)
    const head = bench.head()
    const answer = await till.call({ ...call, ifMatch: open.resource_version })
    expect([200, 400, 422], `${JSON.stringify(changed)}: ${answer.text}`).toContain(answer.status)
    if (answer.status !== 200) {
      expect(answer.json).toMatchObject({ fiscal_effect: 'none' })
      expect(bench.requestedSince(head)).toEqual([])
      continue
    }
    taken += 1
    open = isLast ? await till.create({ ...body, line_items: [], ...NO_AMOUNTS }) : (answer.json as Operation)
  }
  expect(taken).toBeGreaterThan(20)
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
})
