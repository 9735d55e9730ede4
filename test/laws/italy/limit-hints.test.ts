import { expect, test } from 'vitest'
import { limitHints } from '../../../agent/laws/italy/hints.ts'
import { documentOf } from '../../some-document.ts'

test('the limit of cash is that of the day in Rome', () => {
  const payments = [{ method: 'cash', status: 'captured', amount: '5300.00', currency: 'EUR' }]
  const sale = documentOf('sale', { set: { payments } as never, own: { counted_statuses: ['captured'] } as never })
  const codesAt = (at: string) => limitHints(sale, [], at).map(({ code }) => code)
  expect(codesAt('2022-12-31T22:59:59.000Z')).toEqual([])
  expect(codesAt('2022-12-31T23:00:00.000Z')).toEqual(['cash_at_limit'])
})
