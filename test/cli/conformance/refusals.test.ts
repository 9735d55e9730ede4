import { expect, test } from 'vitest'
import type { Report } from '../../../agent/cli/conformance/report.ts'
import { exitCodeOf, linesOf, reportOf } from '../../../agent/cli/conformance/report.ts'
import { PlayedRequests } from './played-requests.ts'

const REFUSED = { code: 'invalid_request', details: { errors: [{ pointer: '/total_amount' }, { pointer: '/type' }] } }
const MISMATCH = { code: 'line_items_total_mismatch', details: { pointer: '/line_items' } }

/** `sold` sales, then as many refused ones of each kind as are left. */
function played(sold: number, refused: number): PlayedRequests {
  const till = new PlayedRequests()
  for (let number = 0; number < sold; number++) {
    till.create(`sold-${number}`)
    till.complete(`sold-${number}`)
  }
  for (let number = 0; number < refused; number++) {
    const sale = { type: 'sale', total_amount: String(number) }
    till.answer(till.ask({ key: `refused-${number}`, body: sale }), 400, number % 2 === 0 ? REFUSED : MISMATCH)
  }
  return till
}

function reportOn({ book }: PlayedRequests): Report {
  return reportOf({ law: 'kassensichv', seed: 1, till: 'Till/1', book, faults: [], said: new Map() })
}

test('the report on a till that sells nothing begins with its refused sales, and names why', () => {
  const till = played(0, 3)
  // Without a key it is a sale too, and its pointer is unknown.
  till.answer(till.ask({ body: { type: 'sale' } }), 400, { code: 'invalid_request', details: {} })
  const report = reportOn(till)
  expect(linesOf(report).slice(0, 2)).toEqual(['4 of 4 sales were refused.', ''])
  expect(report.sales).toEqual({ begun: 4, ended: 0, refused: 4 })
  const refusals = [
    { code: 'invalid_request', pointer: '/total_amount', count: 2 },
    { code: 'line_items_total_mismatch', pointer: '/line_items', count: 1 },
    { code: 'invalid_request', pointer: null, count: 1 },
  ]
  expect(report.refusals).toEqual(refusals)
  expect(linesOf(report)).toEqual(
    expect.arrayContaining(['Refused requests:', '    2  invalid_request /total_amount', '    1  invalid_request']),
  )
  expect([report.passed, exitCodeOf(report)]).toEqual([false, 1])
})

test('a till of which a third of the sales is refused reads its rules first, and the refused requests after them', () => {
  const report = reportOn(played(4, 2))
  expect(report.sales).toEqual({ begun: 6, ended: 4, refused: 2 })
  const lines = linesOf(report)
  expect(lines[0]).toMatch(/^T-1 /)
  expect(lines.slice(-3)).toEqual([
    'Refused requests:',
    '    1  invalid_request /total_amount',
    '    1  line_items_total_mismatch /line_items',
  ])
})

test('sales that were neither ended nor refused are named as such, and no answer of the run is a refusal', () => {
  const till = played(1, 2)
  till.create('open-1')
  till.create('open-2')
  till.answer(till.ask({ key: 'busy', body: { type: 'sale' } }), 409, REFUSED, { isMadeUp: true })
  const report = reportOn(till)
  expect(report.sales).toEqual({ begun: 6, ended: 1, refused: 2 })
  expect(linesOf(report)[0]).toBe('2 of 6 sales were refused, 3 were not ended.')
  expect(report.refusals.map(({ count }) => count)).toEqual([1, 1])
})

test('a report without a refused request has no list', () => {
  const report = reportOn(played(2, 0))
  expect([report.refusals, linesOf(report).includes('Refused requests:')]).toEqual([[], false])
})
