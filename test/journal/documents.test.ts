import { expect, test } from 'vitest'
import { isGoods, isOperation, isSold, kindOf } from '../../agent/journal/documents/document.ts'
import type { OwnPart } from '../../agent/journal/documents/own.ts'
import type { Marks, NewEvent, Parts, ResourceIndex } from '../../agent/journal/events.ts'
import { bodyOf } from '../../agent/journal/events.ts'
import { answeredEarly, isRefused } from '../../agent/journal/progress.ts'
import { misshapen } from '../document-check.ts'
import { documentOf } from '../some-document.ts'
import { markEvent } from './some-event.ts'
import { openJournal, temporaryDirectory } from './temporary-journal.ts'

const SALE: ResourceIndex = { kind: 'sale', merchant: 'merchant_1' }

async function journalWith(...bodies: [op: string, body: Marks][]) {
  const journal = await openJournal(await temporaryDirectory())
  const newEvent: NewEvent = {
    kind: 'merchant.created',
    op: 'merchant_1',
    body: { index: { kind: 'merchant' }, set: {} },
  }
  const events = bodies.map(([op, body]) => markEvent(op, body))
  await journal.record(() => [newEvent, ...events])
  return journal
}

/** A sale after events that set these parts of it. */
async function saleWith(...changes: Parts[]) {
  const journal = await journalWith(
    ['op_1', { index: SALE, set: { id: 'op_1', type: 'sale' } }],
    ...changes.map((change): [string, Marks] => ['op_1', change]),
  )
  const { view } = journal
  const [kept, read] = [view.operation('op_1'), view.operation('op_1', Number.MAX_SAFE_INTEGER)]
  await journal.close()
  expect(read?.parts).toEqual(kept?.parts)
  expect(read?.kind).toBe(kept?.kind)
  if (read === undefined || !isSold(read)) throw new Error('not a sale')
  return read
}

test('the event that makes a document says its kind, and its id does not', async () => {
  const journal = await journalWith(
    ['cls_1', { index: SALE, set: { id: 'cls_1' } }],
    ['op_2', { index: { kind: 'closing', merchant: 'merchant_1' }, set: { id: 'op_2' } }],
    ['unit_1', { set: { serial: '1' } }],
  )
  const { view } = journal
  expect(view.document('cls_1')?.kind).toBe('sale')
  expect(view.operation('cls_1')?.id).toBe('cls_1')
  expect(view.closing('cls_1')).toBeUndefined()
  expect(view.closing('op_2')?.kind).toBe('closing')
  expect(view.operation('op_2')).toBeUndefined()
  expect(view.document('unit_1')).toBeUndefined()
  expect(view.eventsOf('unit_1').map((event) => bodyOf(event).set)).toEqual([{ serial: '1' }])
  await journal.close()
})

test('a kind of a newer program is not a document, and nothing is thrown', () => {
  for (const kind of ['barter', 'constructor', 'operation'])
    expect(kindOf({ kind: kind as ResourceIndex['kind'] })).toBeUndefined()
  for (const kind of ['unit', 'tse', 'confirmation', 'paper_check', 'sale'] as const)
    expect(kindOf({ kind })).toBe(kind)
})

test.each<[OwnPart, object]>([
  [{ receipt_number: 7 }, { receipt_number: 7 }],
  [{ counted_statuses: ['captured'] }, { counted_statuses: ['captured'] }],
  [{ captures: ['op_2'] }, { captures: ['op_2'] }],
  [{ returns: ['op_3', 'op_4'] }, { returns: ['op_3', 'op_4'] }],
  [{ reversal: { state: 'reversed', by: 'op_5' } }, { reversal: { state: 'reversed', by: 'op_5' } }],
  [{ reversal: { state: 'refused', by: 'op_5' } }, { reversal: { state: 'refused', by: 'op_5' } }],
  [{ reversal: { state: 'none' } }, { reversal: { state: 'none' } }],
  [{ original_unrecorded: true }, { original_unrecorded: true }],
  [{}, { counted_statuses: [], captures: [], returns: [], reversal: { state: 'none' }, original_unrecorded: false }],
])('the written own part of a sale is read: %j', async (change, expected) => {
  expect((await saleWith({ own: change })).own).toMatchObject(expected)
})

test('a reversal that was refused may be followed by another one', async () => {
  const refused = { own: { reversal: { state: 'refused', by: 'op_5' } } } as const
  const again = await saleWith(refused, { own: { reversal: { state: 'reversed', by: 'op_6' } } })
  expect(again.own.reversal).toEqual({ state: 'reversed', by: 'op_6' })
})

test('progress names the end that was answered before its start was known, until the device has answered', async () => {
  const [act, start] = [{ device: 'tse-1', name: 'start' }, { goal: 'open', status: 201 } as const]
  const journal = await journalWith(['op_1', { index: SALE, act, plan: start, set: { id: 'op_1', type: 'sale' } }])
  const { view } = journal
  const step = async (body: Marks) => {
    await journal.record(() => [markEvent('op_1', body)])
    const progress = view.progress('op_1')
    return [progress.at, answeredEarly(progress)?.root, isRefused(progress)]
  }
  const root = view.openIntentsOf('op_1')[0]?.seq ?? 0
  const plan = { goal: 'completed', status: 200 } as const
  expect(await step({ plan })).toEqual(['awaiting', root + 1, false])
  expect(await step({ ref: root, root, answer: { status: 201, to: root } })).toEqual(['undecided', root + 1, false])
  const end = { root: root + 1, answer: { status: 200, to: root + 1 } }
  expect(await step(end)).toEqual(['ended', undefined, false])
  await journal.close()
})

test('progress is refused for a document that the device refused, and for no other document', async () => {
  const [act, plan] = [{ device: 'card-1', name: 'sign' }, { goal: 'completed', status: 201 } as const]
  const index: ResourceIndex = { kind: 'closing', merchant: 'merchant_1' }
  const journal = await journalWith(['cls_1', { index, act, plan, set: { id: 'cls_1' } }])
  const { view } = journal
  const root = view.openIntentsOf('cls_1')[0]?.seq ?? 0
  expect(isRefused(view.progress('cls_1'))).toBe(false)
  await journal.record(() => [markEvent('cls_1', { ref: root, root, release: root })])
  expect(isRefused(view.progress('cls_1'))).toBe(true)
  expect(isRefused(view.progress('merchant_1'))).toBe(false)
  await journal.close()
})

test('the law of a document is the one that its events name, of a register too', async () => {
  expect((await saleWith({})).law).toBeUndefined()
  expect((await saleWith({ law: { name: 'RKSV' } })).law?.name).toBe('RKSV')
  const register = { index: { kind: 'register', register: 'reg_1' }, set: { id: 'reg_1' } } as const
  const journal = await journalWith(['reg_1', register], ['reg_1', { law: { name: 'RT' } }])
  expect(journal.view.register('reg_1')?.law?.name).toBe('RT')
  await journal.close()
})

test('a change of master data waits with its secret', async () => {
  const pending = { shown: { trading_name: 'Neu' }, secret: 'fisconline_2', until_closed: ['ses_1'] }
  const journal = await journalWith(['merchant_1', { own: { secret: 'fisconline_1', pending } }])
  const { own } = journal.view.merchant('merchant_1') ?? {}
  expect(own?.secret).toBe('fisconline_1')
  expect(own?.pending).toMatchObject({
    shown: { trading_name: 'Neu' },
    secret: 'fisconline_2',
    until_closed: ['ses_1'],
  })
  await journal.record(() => [{ kind: 'merchant.updated', op: 'merchant_1', body: { own: { pending: null } } }])
  expect(journal.view.merchant('merchant_1')?.own.pending).toBeUndefined()
  await journal.close()
})

test('operations, goods and reversible documents are distinguished by kind', () => {
  const open = documentOf('session_open', { set: { id: 'op_1' } })
  const reversal = documentOf('void', { set: { id: 'op_2' } })
  const closing = documentOf('closing', { set: { id: 'op_3' } })
  expect([isOperation(open), isGoods(open), isSold(open)]).toEqual([true, false, false])
  expect([isOperation(reversal), isGoods(reversal), isSold(reversal)]).toEqual([true, true, false])
  expect([isOperation(closing), isGoods(closing)]).toEqual([false, false])
})

test('a document that breaks the contract is named with the event that caused it', () => {
  const told = { id: 'loc_1', merchant_id: 'merchant_1', name: 1 }
  const body = JSON.stringify({ index: { kind: 'location', merchant: 'merchant_1' }, set: told })
  expect(misshapen([{ seq: 3, op: 'loc_1', body }]).join()).toMatch(/^location loc_1 behind event 3: .*name: /)
})
