import { expect, test } from 'vitest'
import { CancelledLines } from '../../agent/journal/books/cancelled-lines.ts'
import type { EventBody } from '../../agent/journal/events.ts'
import { cancelledLines } from '../../agent/register/cancelled-lines.ts'
import { fc } from '../properties.ts'

const OPERATION = 'op_1'

const line = fc
  .record({
    sku_identifier: fc.constantFrom('a', 'b'),
    title: fc.constantFrom('A', 'B'),
    quantity: fc.constantFrom(1, 2, '0.5', '1.333', '-1', '-2.5'),
    unit_price: fc.constantFrom('1.00', '0.99', '0', '-1.00', '12.345'),
    rate: fc.constantFrom('0.19', '0.190', '0.07'),
    isFree: fc.boolean(),
  })
  .map(({ rate, isFree, ...goods }) => ({
    ...goods,
    total_amount: isFree
      ? '0.00'
      : (Number(goods.quantity) * Number(goods.unit_price)).toFixed(2).replace('-0.00', '0.00'),
    taxes: [{ name: 'USt', rate, tax_amount: '0.00' }],
  }))
const versions = fc.array(fc.array(line, { maxLength: 5 }), { minLength: 2, maxLength: 5 })

function body(members: object): EventBody {
  return members as unknown as EventBody
}

test('an honest till and its second computation take the same lines away, whatever the signs', () => {
  fc.assert(
    fc.property(fc.constantFrom('sale', 'return', 'exchange', 'order'), versions, (kind, [first = [], ...later]) => {
      const books = new CancelledLines()
      const at = '2026-03-02T08:00:00.000Z'
      expect(
        books.note(OPERATION, body({ index: { kind, merchant: 'm' }, set: { line_items: first } })),
      ).toBeUndefined()
      let [before, cancelled] = [first, [] as object[]]
      for (const lines of later) {
        cancelled = [...cancelled, ...cancelledLines(kind, before, lines, { at, operator: 'u7' })]
        const set = { line_items: lines, ...(cancelled.length > 0 && { cancelled_line_items: cancelled }) }
        expect(books.note(OPERATION, body({ set }))).toBeUndefined()
        before = lines
      }
    }),
    { numRuns: 300 },
  )
})
