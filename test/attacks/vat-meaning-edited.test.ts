// @module-tag heavy
import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { CalendarClock } from '../e2e/calendar-clock.ts'
import type { Members } from '../e2e/client.ts'
import { goods, pay } from '../e2e/goods.ts'
import { endShift } from '../e2e/shift.ts'
import { verifyJournal } from '../verified-journal.ts'
import { rewriteEvents } from './insider.ts'

// A TSE secures the gross of a kind of VAT. What a rate of agent.json meant is recorded with the operation, so root can
// edit it there: the signed text contradicts another kind, and a rate that only the record explains stays named.

const FILE = { kassensichv: { vatRates: [{ key: 3, rate: '0.08', from: '2027-01-01' }] } }
const DAY = '2027-02-01'

type Lowered = { rate: string; tax: string; toRate: string; toTax: string }

/** A closed day with one sale for cash; root changes the events of that sale. */
async function editedDay(rate: string, config: Members, change: (body: Members) => Members) {
  const bench = await Bench.open({ edits: true, clock: new CalendarClock(`${DAY}T10:00:00Z`), config })
  const register = await bench.till()
  const open = await register.till.create(goods('sale', register.id, [['10.80', rate]]))
  const { id } = await register.till.complete(open, [pay('cash', '10.80')])
  await endShift(register, DAY)
  await bench.stop()
  await rewriteEvents(bench.config.state, (lines) =>
    lines.map((line) => (line.op === id ? { ...line, body: change(line.body as Members) } : line)),
  )
  const { books, codes } = await verifyJournal(bench.config.state)
  await bench[Symbol.asyncDispose]()
  return { books, codes: codes.map(({ code, level }) => [code, level]) }
}

function withMeaning(meaning: Members): (body: Members) => Members {
  return (body) => {
    const law = body['law'] as Members | undefined
    return law?.['name'] === undefined ? body : { ...body, law: { ...law, vat: [meaning] } }
  }
}

function lowered({ rate, tax, toRate, toTax }: Lowered, meaning: Members): (body: Members) => Members {
  const remember = withMeaning(meaning)
  return (body) => {
    const text = JSON.stringify(body)
      .replaceAll(`"rate":"${rate}"`, `"rate":"${toRate}"`)
      .replaceAll(`"tax_amount":"${tax}"`, `"tax_amount":"${toTax}"`)
    return remember(JSON.parse(text) as Members)
  }
}

test('an honest sale at a rate of the file is consistent, and its rate is named', async () => {
  expect(await editedDay('0.08', FILE, (body) => body)).toEqual({
    books: 'consistent',
    codes: [['tse_rate_configured', 'note']],
  })
})

test.for([
  ['another key', { rate: '0.08', key: 2, bucket: 2 }],
  ['another key with the signed amount', { rate: '0.08', key: 2, bucket: 3 }],
  ['a key of the company with another amount', { rate: '0.08', key: 1200, bucket: 5 }],
  ['the meaning of another rate', { rate: '0.09', key: 3, bucket: 3 }],
  ['the meaning of a code', { rate: '0.08', code: 'tour', key: 3, bucket: 3 }],
] as const)('a recorded meaning that was edited to %s contradicts the signed text', async ([, meaning]) => {
  const { books, codes } = await editedDay('0.08', FILE, withMeaning(meaning))
  expect([books, codes]).toEqual(['different', expect.arrayContaining([['tse_amounts_differ', 'error']])])
})

test('a rate that was lowered to one of another kind, and means the signed kind by the record alone, stays named', async () => {
  const sale = { rate: '0.19', tax: '1.72', toRate: '0.07', toTax: '0.71' }
  const { books, codes } = await editedDay('0.19', {}, lowered(sale, { rate: '0.07', key: 1, bucket: 1 }))
  expect([books, codes]).toEqual(['consistent', [['tse_rate_configured', 'note']]])
})

test('a rate that was lowered without a recorded meaning is found', async () => {
  const sale = { rate: '0.19', tax: '1.72', toRate: '0.16', toTax: '1.49' }
  const { books, codes } = await editedDay('0.19', {}, lowered(sale, { rate: '0.15', key: 1, bucket: 1 }))
  expect([books, codes]).toEqual(['different', [['tse_rate_implausible', 'error']]])
})
