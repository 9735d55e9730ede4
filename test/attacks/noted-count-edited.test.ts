import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { event, sell } from '../e2e/goods.ts'
import { findingsAfter, retold } from './insider.ts'

// The insider has taken money out before the inspector counts, and edits what the drawer should have held.

test.each([
  ['what the session shows', /"interim_count":\{[^}]*\}/],
  ['what reports show', /"expected_closing_amount":"55.00","/g],
] as const)('a count during the shift that expects less is found by the sales before it: %s', async (_place, where) => {
  await using bench = await Bench.open({ edits: true })
  const register = await bench.till('50.00')
  await sell(register, '5.00')
  const noon = { counted_closing_amount: '45.00', interim: true }
  const { id } = (await register.till.create(event('session_cash_count', register.id, noon))) as Members
  const edited = (text: string): string => text.replace(where, (part) => part.replace('"55.00"', '"45.00"'))
  const codes = await findingsAfter(bench, (line) => (line.op === id ? retold(line, edited) : line))
  expect(codes).toMatchObject([{ code: 'session_cash_differs', facts: { stated: '45.00', counted: '55.00' } }])
})
