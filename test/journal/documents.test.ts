import { expect, test } from 'vitest'
import { newDocument } from '../../agent/journal/documents/document.ts'
import { isGoods, isOperation, isSold, kindOf } from '../../agent/journal/documents/kinds.ts'
import type { OwnChange } from '../../agent/journal/documents/own-members.ts'
import { lawMembers, ownMembers, requestMembers } from '../../agent/journal/documents/own-members.ts'
import type { Marks, Members, NewEvent, ResourceIndex } from '../../agent/journal/events.ts'
import { misshapen } from '../document-check.ts'
import { markEvent } from './some-event.ts'
import { openJournal, temporaryDirectory } from './temporary-journal.ts'

const SALE: ResourceIndex = { type: 'operation', operation: 'sale', merchant: 'merchant_1' }

async function journalWith(...bodies: [op: string, body: Marks][]) {
  const journal = await openJournal(await temporaryDirectory())
  const made: NewEvent = { kind: 'merchant.created', op: 'merchant_1', body: { index: { type: 'merchant' }, set: {} } }
  const events = bodies.map(([op, body]) => markEvent(op, body))
  await journal.record(() => [made, ...events])
  return journal
}

/** A sale after events that set this of it. */
async function saleWith(...sets: Members[]) {
  const journal = await journalWith(
    ['op_1', { index: SALE, set: { id: 'op_1', type: 'sale' } }],
    ...sets.map((set): [string, Marks] => ['op_1', { set }]),
  )
  const { view } = journal
  const [kept, read] = [view.operation('op_1'), view.operation('op_1', Number.MAX_SAFE_INTEGER)]
  await journal.close()
  expect(read?.stored).toEqual(kept?.stored)
  expect(read?.kind).toBe(kept?.kind)
  if (read === undefined || !isSold(read)) throw new Error('not a sale')
  return read
}

test('the event that makes a document says its kind, and its id does not', async () => {
  const journal = await journalWith(
    ['cls_1', { index: SALE, set: { id: 'cls_1' } }],
    ['op_2', { index: { type: 'closing', merchant: 'merchant_1' }, set: { id: 'op_2' } }],
    ['unit_1', { set: { serial: '1' } }],
  )
  const { view } = journal
  expect(view.document('cls_1')?.kind).toBe('sale')
  expect(view.operation('cls_1')?.id).toBe('cls_1')
  expect(view.closing('cls_1')).toBeUndefined()
  expect(view.closing('op_2')?.kind).toBe('closing')
  expect(view.operation('op_2')).toBeUndefined()
  expect(view.document('unit_1')).toBeUndefined()
  expect(view.members('unit_1')).toEqual({ serial: '1' })
  await journal.close()
})

test('a kind of a newer program is not a document, and nothing is thrown', () => {
  expect(kindOf({ type: 'operation', operation: 'barter' })).toBeUndefined()
  expect(kindOf({ type: 'operation', operation: 'constructor' })).toBeUndefined()
  expect(kindOf({ type: 'order' as ResourceIndex['type'] })).toBeUndefined()
  for (const type of ['unit', 'tse', 'task', 'paper_check'] as const) expect(kindOf({ type })).toBe(type)
})

test.each<[OwnChange, object]>([
  [{ receiptNumber: 7 }, { receiptNumber: 7 }],
  [{ countedStatuses: ['captured'] }, { countedStatuses: ['captured'] }],
  [{ captures: ['op_2'] }, { captures: ['op_2'] }],
  [{ returns: ['op_3', 'op_4'] }, { returns: ['op_3', 'op_4'] }],
  [{ reversal: { state: 'reversed', by: 'op_5' } }, { reversal: { state: 'reversed', by: 'op_5' } }],
  [{ reversal: { state: 'refused', by: 'op_5' } }, { reversal: { state: 'refused', by: 'op_5' } }],
  [{ reversal: { state: 'none' } }, { reversal: { state: 'none' } }],
  [{ originalUnrecorded: true }, { originalUnrecorded: true }],
  [{}, { countedStatuses: [], captures: [], returns: [], reversal: { state: 'none' }, originalUnrecorded: false }],
])('the written own part of a sale is read: %j', async (change, expected) => {
  expect((await saleWith(ownMembers(change))).own).toMatchObject(expected)
})

test('a reversal that was refused may be followed by another one', async () => {
  const refused = ownMembers({ reversal: { state: 'refused', by: 'op_5' } })
  const again = await saleWith(refused, ownMembers({ reversal: { state: 'reversed', by: 'op_6' } }))
  expect(again.own.reversal).toEqual({ state: 'reversed', by: 'op_6' })
})

test('requests that did not go straight are known by their first event, and by nothing when they have ended', async () => {
  const open = await saleWith(requestMembers({ undecided: 4, awaiting: 5 }))
  expect(open.requests).toMatchObject({ undecided: 4, awaiting: 5, isRefused: false })
  const ended = open.with(requestMembers({ undecided: null, awaiting: null, isRefused: true }))
  expect(ended.requests).toMatchObject({ undecided: undefined, awaiting: undefined, isRefused: true })
  expect(open.requests.undecided).toBe(4)
})

test('the law of a document is its own or that of the register that it is', async () => {
  expect((await saleWith({})).law).toBeUndefined()
  expect((await saleWith(lawMembers({ name: 'RKSV' }))).law?.name).toBe('RKSV')
  const journal = await journalWith([
    'reg_1',
    { index: { type: 'register', register: 'reg_1' }, set: { id: 'reg_1', fiscalization: { regime: 'RT' } } },
  ])
  expect(journal.view.register('reg_1')?.law?.name).toBe('RT')
  await journal.close()
})

test('a change of master data waits with its secret', async () => {
  const pending = { shown: { trading_name: 'Neu', $fisconline: 'fisconline_2' }, untilClosed: ['ses_1'] }
  const set = ownMembers({ secret: 'fisconline_1', pending })
  const journal = await journalWith(['merchant_1', { set }])
  const { own } = journal.view.merchant('merchant_1') ?? {}
  expect(own?.secret).toBe('fisconline_1')
  expect(own?.pending).toMatchObject({ shown: { trading_name: 'Neu' }, secret: 'fisconline_2', untilClosed: ['ses_1'] })
  await journal.record(() => [
    { kind: 'merchant.updated', op: 'merchant_1', body: { set: ownMembers({ pending: null }) } },
  ])
  expect(journal.view.merchant('merchant_1')?.own.pending).toBeUndefined()
  await journal.close()
})

test('operations, goods and reversible documents are distinguished by kind', () => {
  const open = newDocument('session_open', { id: 'op_1' } as never)
  const reversal = newDocument('void', { id: 'op_2' } as never)
  const closing = newDocument('closing', { id: 'op_3' } as never)
  expect([isOperation(open), isGoods(open), isSold(open)]).toEqual([true, false, false])
  expect([isOperation(reversal), isGoods(reversal), isSold(reversal)]).toEqual([true, true, false])
  expect([isOperation(closing), isGoods(closing)]).toEqual([false, false])
})

test('a document that breaks the contract is named with the event that caused it', () => {
  const told = { id: 'loc_1', merchant_id: 'merchant_1', name: 1 }
  const body = JSON.stringify({ index: { type: 'location', merchant: 'merchant_1' }, set: told })
  expect(misshapen([{ seq: 3, op: 'loc_1', body }]).join()).toMatch(/^location loc_1 behind event 3: .*name: /)
})
