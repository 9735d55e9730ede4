import { expect, test } from 'vitest'
import { UsedOriginals } from '../../agent/journal/books/used-originals.ts'
import type { EventBody } from '../../agent/journal/events.ts'

type Line = readonly [amount: string, rate: string, more?: object]

function goods(lines: readonly Line[], more: object = {}): object {
  const line_items = lines.map(([total_amount, rate, rest]) => ({
    ...{ type: 'deposit', total_amount, taxes: [{ rate }] },
    ...rest,
  }))
  return { line_items, ...more }
}

/** The operations of one journal: each change returns what it uses beyond an original. */
function books() {
  const originals = new UsedOriginals()
  const note = (op: string, body: object) => originals.note(op, body as EventBody)
  return {
    note,
    begin: (op: string, kind: string, set: object) => note(op, { index: { kind, merchant: 'm' }, set }),
    amend: (op: string, set: object) => note(op, { set }),
    end: (op: string, status: string, set: object = {}) => note(op, { status, set }),
  }
}

/** With a deposit of 30.00 at 19 % that is paid. */
function withDeposit() {
  const all = books()
  all.begin('dep', 'deposit', goods([['30.00', '0.19']]))
  all.end('dep', 'completed')
  return all
}

const BEYOND = [{ original: 'dep', stated: '30.00', counted: '30.01' }]

function capture(amount: string, rate = '0.19'): object {
  return goods(
    [
      ['100.00', '0.19', { type: 'item' }],
      [amount, rate],
    ],
    { related_operation_id: 'dep' },
  )
}

test('what captures use of a deposit is counted from their begin, and not after they are voided or reversed', () => {
  const { begin, end, note } = withDeposit()
  expect(begin('c1', 'deposit_capture', capture('-20.00'))).toEqual([])
  expect(begin('c2', 'deposit_capture', capture('-10.01'))).toEqual(BEYOND)
  expect(end('c2', 'voided')).toEqual([])
  expect(end('c1', 'completed')).toEqual([])
  expect(begin('v1', 'void', { related_operation_id: 'c1' })).toEqual([])
  expect(begin('c3', 'deposit_capture', capture('-30.00'))).toEqual([
    { original: 'dep', stated: '30.00', counted: '50.00' },
  ])
  expect(end('c3', 'voided')).toEqual([])
  expect(end('v1', 'completed')).toEqual([])
  expect(begin('c4', 'deposit_capture', capture('-30.00'))).toEqual([])
  expect(note('v2', { index: { kind: 'void' }, status: 'completed', set: { related_operation_id: 'dep' } })).toEqual([
    { original: 'dep', stated: '0.00', counted: '30.00' },
  ])
})

test('amended goods use what they name, those of a completion from the commit that asks for it', () => {
  const { begin, amend, note, end } = withDeposit()
  begin('c1', 'deposit_capture', { line_items: [], related_operation_id: 'dep' })
  expect(amend('c1', capture('-30.00'))).toEqual([])
  expect(amend('c1', { line_items: [] })).toEqual([])
  begin('c2', 'deposit_capture', { line_items: [], related_operation_id: 'dep' })
  expect(note('c2', { plan: { goal: 'completed', set: capture('-30.00') } })).toEqual([])
  expect(amend('c1', capture('-0.01'))).toEqual(BEYOND)
  expect(end('c1', 'voided')).toEqual([])
  expect(end('c2', 'completed', capture('-30.00'))).toEqual([])
})

test('each rate of a deposit is apart, and so is each reason of a rate of 0', () => {
  const { begin, end } = books()
  const reason = { taxes: [{ rate: '0', code: 'not_taxable' }] }
  const lines: Line[] = [
    ['30.00', '0.19'],
    ['20.00', '0.070'],
    ['10.00', '0', reason],
  ]
  begin('dep', 'deposit', goods(lines))
  end('dep', 'completed')
  expect(begin('c1', 'deposit_capture', capture('-20.00', '0.07'))).toEqual([])
  expect(begin('c2', 'deposit_capture', capture('-0.01', '0.07'))).toHaveLength(1)
  expect(begin('c3', 'deposit_capture', capture('-1.00', '0'))).toHaveLength(1)
  expect(begin('c4', 'deposit_capture', capture('-1.00', '0.16'))).toHaveLength(1)
  expect(begin('c5', 'deposit_capture', capture('-30.00'))).toEqual([])
})

test('a deposit that a completed return gives back can be used again', () => {
  const { begin, end } = withDeposit()
  begin('c1', 'deposit_capture', capture('-30.00'))
  end('c1', 'completed')
  const back = goods(
    [
      ['-100.00', '0.19', { type: 'item' }],
      ['30.00', '0.19'],
    ],
    { related_operation_id: 'c1' },
  )
  begin('r1', 'return', back)
  expect(begin('c2', 'deposit_capture', capture('-0.01'))).toEqual(BEYOND)
  end('c2', 'voided')
  end('r1', 'completed')
  expect(begin('r2', 'return', goods([['-30.00', '0.19']], { related_operation_id: 'dep' }))).toEqual([])
  expect(begin('c3', 'deposit_capture', capture('-0.01'))).toEqual(BEYOND)
})

test('training uses nothing, and an original that the journal does not have has no amount', () => {
  const { begin, end } = withDeposit()
  expect(begin('t1', 'deposit_capture', { ...capture('-99.00'), training: true })).toEqual([])
  expect(begin('c1', 'deposit_capture', { ...capture('-99.00'), related_operation_id: 'elsewhere' })).toEqual([])
  expect(end('c1', 'completed')).toEqual([])
  expect(begin('c2', 'deposit_capture', capture('-30.00'))).toEqual([])
  expect(begin('s1', 'session_open', { opening_balance_amount: '1.00' })).toEqual([])
})

/** With a sale of 80.00 of which 50.00 is on account. */
function withClaim() {
  const all = books()
  const payments = [
    { method: 'cash', status: 'captured', amount: '30.00' },
    { method: 'on_account', status: 'captured', amount: '50.00' },
  ]
  all.begin('sale', 'sale', goods([['80.00', '0.19', { type: 'item' }]]))
  all.end('sale', 'completed', { payments })
  return all
}

function settlement(amount: string, more: object = {}): object {
  return goods([[amount, '0', { type: 'receivable', related_operation_id: 'sale' }]], more)
}

const CLAIM_BEYOND = [{ original: 'sale', stated: '50.00', counted: '50.01' }]

test('a claim is used by the lines that settle it, and by returns that take some of it back', () => {
  const { begin, end, note } = withClaim()
  expect(begin('s1', 'sale', settlement('30.00'))).toEqual([])
  expect(begin('s2', 'sale', settlement('20.01'))).toEqual(CLAIM_BEYOND)
  expect(end('s2', 'voided')).toEqual([])
  const back = goods([['-20.01', '0.19', { type: 'item' }]], { related_operation_id: 'sale' })
  begin('r1', 'return', back)
  const payments = [{ method: 'on_account', status: 'captured', amount: '-20.01' }]
  expect(note('r1', { plan: { goal: 'completed', set: { payments } } })).toEqual(CLAIM_BEYOND)
  expect(end('r1', 'voided')).toEqual([])
  expect(end('s1', 'completed')).toEqual([])
  expect(begin('r2', 'return', settlement('-30.00', { related_operation_id: 's1' }))).toEqual([])
  expect(begin('s3', 'sale', settlement('20.01'))).toEqual(CLAIM_BEYOND)
  expect(end('r2', 'completed')).toEqual([])
  expect(begin('s4', 'sale', settlement('29.99'))).toEqual([])
})
