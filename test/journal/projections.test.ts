// @module-tag heavy
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { acquireLock } from '../../agent/journal/disk/lock.ts'
import type { Marks, NewEvent } from '../../agent/journal/events.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import { journalPath } from '../../agent/journal/journal-file.ts'
import type { OperationFilter, Order } from '../../agent/journal/projections/operation-walk.ts'
import { BEFORE_FIRST } from '../../agent/journal/projections/operation-walk.ts'
import { PROJECTION_TABLES } from '../../agent/journal/projections/tables.ts'
import { readingView } from '../../agent/journal/projections/view.ts'
import { rebuildProjections } from '../../agent/journal/rebuild.ts'
import { insiderAt } from '../edited-states.ts'
import { fc } from '../properties.ts'
import { verifyJournal } from '../verified-journal.ts'
import { PLAN, STEPS, shopHistory } from './projection-events.ts'
import { markEvent } from './some-event.ts'
import { appendNotes, openJournal, stoppedClock, temporaryDirectory } from './temporary-journal.ts'

function contents(directory: string): Record<string, unknown[]> {
  const db = new Database(journalPath(directory), { readonly: true })
  const tables = Object.keys(PROJECTION_TABLES).map((name) => [name, db.prepare(`SELECT * FROM ${name}`).all()])
  db.close()
  return Object.fromEntries(tables)
}

test('projections rebuilt from the events equal those kept with each append', async () => {
  const directory = await temporaryDirectory()
  const used = new Set<string>()
  const steps = fc.array(fc.tuple(fc.constantFrom(...STEPS), fc.nat(1000)), { minLength: 20, maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const journal = await openJournal(directory)
      const events = shopHistory(journal.headSeq + 1, history)
      await Promise.all(events.map((event) => journal.commit('intent', () => ({ events: [event], result: undefined }))))
      await journal.close()
      const incremental = contents(directory)
      const { projections, findings } = await verifyJournal(directory)
      expect({ projections, findings }).toEqual({ projections: 'equal', findings: [] })
      await rebuildProjections(directory)
      expect(contents(directory)).toEqual(incremental)
      // Rows come and go: the last history may leave a table empty.
      for (const [name, rows] of Object.entries(incremental)) if (rows.length > 0) used.add(name)
    }),
    { numRuns: 15 },
  )
  // A filter has nothing to store before its first block is full (claims.test.ts).
  const tables = Object.keys(PROJECTION_TABLES).filter((name) => name !== 'claim_filter')
  expect([...used].sort()).toEqual(tables.sort())
})

/** The reads of each sale: from memory first. */
function pointReads({ view }: Journal, events: readonly NewEvent[]): unknown {
  return {
    claims: events.map(({ body }) => body.claim && view.claim(body.claim.id)),
    intents: view.openIntents(),
    ofOne: events.map(({ op }) => view.openIntentsOf(op)),
    receipts: events.map(({ op }) => [view.nextReceiptNumber(op), view.chainState(op)]),
    sessions: events.map(({ op, body }) => [view.lastSessionState(op), body.session && view.session(body.session.id)]),
  }
}

/** The reads from the tables. */
function rangeReads({ view }: Journal, events: readonly NewEvent[]): unknown {
  return {
    receipts: events.map(({ op }) => view.receipts(op, 0, 100)),
    operations: events.map(({ op }) => [view.operationRow(op), view.openOperations(op), view.lastCompleted(op)]),
    named: view.operations({ merchant: events[0]?.op ?? '', external_id: 'order-1' }, 0, 100),
    transactions: view.deviceTransactions('tse-1'),
    vouchers: [view.eventsOfVoucher('card-1'), view.voucherEvents(0, 1e9, 100)],
  }
}

test('events that are not projected yet can be read and verified, and after a kill are projected the same', async () => {
  const steps = fc.array(fc.tuple(fc.constantFrom(...STEPS), fc.nat(1000)), { minLength: 20, maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const directory = await temporaryDirectory()
      const journal = await openJournal(directory)
      const events = shopHistory(2, history)
      for (const event of events) await journal.commit('intent', () => ({ events: [event], result: undefined }))
      expect(await verifyJournal(directory)).toMatchObject({ projections: 'equal', findings: [] })
      const early = pointReads(journal, events)
      journal.read((db) => db.close())
      const again = await openJournal(directory)
      expect(pointReads(again, events)).toEqual(early)
      const ranges = rangeReads(again, events)
      expect(await verifyJournal(directory)).toMatchObject({ projections: 'equal', findings: [] })
      await again.close()
      await rebuildProjections(directory)
      const rebuilt = await openJournal(directory)
      expect([pointReads(rebuilt, events), rangeReads(rebuilt, events)]).toEqual([early, ranges])
      await rebuilt.close()
    }),
    { numRuns: 10 },
  )
})

test('an event refused together with one that does not fit is in no table and in no cache', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  const digest = (byte: number) => Buffer.alloc(32, byte).toString('base64url')
  const claimed = (byte: number) => ({ id: digest(byte), print: digest(byte + 100) })
  const sale = { kind: 'sale', merchant: 'm_1', register: 'reg_1' } as const
  const act = { device: 'tse-1', name: 'start' }
  const session = { id: 'ses_1', register: 'reg_1' }
  const stands = [
    markEvent('m_1', { index: { kind: 'merchant' }, set: { name: 'Bäckerei' } }),
    markEvent('reg_1', { index: { kind: 'register', merchant: 'm_1' } }),
    markEvent('ses_1', { session: { ...session, set: { state: 'open' }, cash: 5000 } }),
    markEvent('op_1', { index: sale, claim: claimed(1), plan: PLAN, act }),
    markEvent('op_1', {
      receipt: { register: 'reg_1', number: 1 },
      chain: { register: 'reg_1', state: { number: 1 } },
    }),
  ]
  for (const event of stands) await journal.record(() => [event])
  const [intent] = journal.view.openIntents()
  const end = { root: intent?.seq ?? 0, ref: intent?.seq ?? 0, answer: { status: 201, to: intent?.seq ?? 0 } }
  const refused = [
    markEvent('reg_1', { chain: { register: 'reg_1', state: { number: 2 } } }),
    markEvent('op_1', { receipt: { register: 'reg_1', number: 2 }, status: 'completed' }),
    markEvent('op_1', { ...end, transaction: { device: 'tse-1', number: 1, state: 'open' } }),
    markEvent('ses_1', { session: { ...session, cash: 700 } }),
    markEvent('ses_1', { session: { ...session, set: { state: 'closed' } } }),
    markEvent('op_2', { index: sale, claim: claimed(2), plan: PLAN, act }),
  ]
  const all = [...stands, ...refused]
  const before = [pointReads(journal, all), rangeReads(journal, all)]
  const misfit = markEvent('', { session: { id: 'ses_2', register: null as unknown as string, set: {} } })
  for (const event of refused) {
    const group = [event, misfit]
    await expect(journal.commit('outcome', () => ({ events: group, result: 0 }))).rejects.toThrow()
    expect([pointReads(journal, all), rangeReads(journal, all)]).toEqual(before)
    // The next event updates the tables, without any row of the refused one.
    await journal.record(() => [markEvent('', { revoked: 'key_1' })])
  }
  expect(await verifyJournal(directory)).toMatchObject({ projections: 'equal', findings: [] })
  await journal.close()
  const again = await openJournal(directory)
  expect([pointReads(again, all), rangeReads(again, all)]).toEqual(before)
  await again.close()
})

test('a key that was freed and claimed again between two writings of the tables is held by its last claim', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  const claim = { id: Buffer.alloc(32, 7).toString('base64url'), print: Buffer.alloc(32, 8).toString('base64url') }
  const append = (body: Marks): Promise<number> =>
    journal.commit('outcome', (_view, seq) => ({
      events: [markEvent('op_1', body)],
      result: seq,
    }))
  const asked = { claim, plan: PLAN, act: { device: 'tse-1', name: 'start' } }
  const first = await append(asked)
  // An event of the shop has the tables written.
  await append({ revoked: 'key_1' })
  await append({ root: first, ref: first, release: first })
  const second = await append(asked)
  await append({ revoked: 'key_1' })
  expect(journal.view.claim(claim.id)).toMatchObject({ seq: second })
  await journal.close()
  const again = await openJournal(directory)
  expect(again.view.claim(claim.id)).toMatchObject({ seq: second })
  expect(await verifyJournal(directory)).toMatchObject({ projections: 'equal', findings: [] })
  await again.close()
})

test('a journal whose projections have more events than it is damaged', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 5)
  await journal.close()
  const insider = insiderAt(directory)
  insider.cut(5)
  insider.removeCheckpoints()
  await expect(openJournal(directory)).rejects.toMatchObject({ code: 'journal_damaged', seq: 5 })
})

test.each([
  [
    'of another version',
    "UPDATE meta SET value = '0' WHERE name = 'projection_version'; DROP TABLE session; DELETE FROM claim",
  ],
  // As an overwritten page leaves them: their position does not match their rows.
  ['that the next events do not fit', 'UPDATE projected SET seq = 1; DELETE FROM session'],
])('projections %s are rebuilt when the journal is opened', async (_which, spoil) => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  const history = STEPS.map((step) => [step, 1] as const)
  await journal.commit('intent', (_view, seq) => ({ events: shopHistory(seq, history), result: undefined }))
  await journal.close()
  const before = contents(directory)
  const db = new Database(journalPath(directory))
  db.exec(spoil)
  db.close()
  await (await openJournal(directory)).close()
  expect(contents(directory)).toEqual(before)
})

test('rebuild works under the lock alone and does not touch events', async () => {
  const directory = await temporaryDirectory()
  await expect(rebuildProjections(directory)).rejects.toMatchObject({ code: 'journal_missing' })
  const journal = await openJournal(directory)
  await appendNotes(journal, 2500)
  await journal.close()
  const lock = acquireLock(directory)
  await expect(rebuildProjections(directory)).rejects.toMatchObject({ code: 'state_locked' })
  lock.release()
  expect(await rebuildProjections(directory)).toEqual({ events: 2501 })
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, lastSeq: 2501 })
})

test('operations of a time are found without reading those before it, also if the clock was set back', async () => {
  const directory = await temporaryDirectory()
  const clock = stoppedClock('2026-03-01T08:00:00Z')
  const journal = await openJournal(directory, { clock })
  const documents: { id: string; at: number; seq: number }[] = []
  const append = (events: readonly NewEvent[]): Promise<number> =>
    journal.commit('intent', (_view, seq) => ({ events: [...events], result: seq }))
  await append([markEvent('m_1', { index: { kind: 'merchant' } })])
  for (const op of ['reg_0', 'reg_1']) await append([markEvent(op, { index: { kind: 'register', merchant: 'm_1' } })])
  // Four spans and more; on the third day the clock was three days ahead.
  for (const [day, name] of ['01', '02', '06', '04', '05'].entries()) {
    for (let hour = 0; hour < 10; hour++) {
      const at = `2026-03-${name}T${String(8 + hour)}`.replace(/T(\d)$/, 'T0$1')
      clock.moveTo(`${at}:00:00Z`)
      const ids = Array.from({ length: 90 }, (_, sale) => `op_${day}_${hour}_${sale}`)
      const index = { kind: 'sale', merchant: 'm_1' } as const
      const registerOf = (sale: number) => ({ register: `reg_${sale % 2}` })
      const body = (sale: number) => ({ index: { ...index, ...registerOf(sale) } })
      const first = await append(ids.map((op, sale) => markEvent(op, body(sale))))
      documents.push(...ids.map((id, sale) => ({ id, at: clock.now(), seq: first + sale })))
    }
  }
  const time = (ms: number): string => new Date(ms).toISOString()
  for (const [from, to] of [
    ['2026-03-02T09:00:00.000Z', '2026-03-02T11:00:00.000Z'],
    ['2026-03-05T12:00:00.000Z', undefined],
    [undefined, '2026-03-04T09:00:00.000Z'],
    ['2026-03-06T17:00:00.000Z', '2026-03-07T00:00:00.000Z'],
    ['2027-01-01T00:00:00.000Z', undefined],
  ]) {
    const wanted = documents.filter(
      ({ at }) => (from === undefined || time(at) >= from) && (to === undefined || time(at) < to),
    )
    for (const order of ORDERS) {
      const inOrder = order === 'asc' ? wanted : wanted.toReversed()
      const ids = idsInPages(journal, { merchant: 'm_1', from, to }, order)
      expect(ids, `${from} to ${to}, ${order}`).toEqual(inOrder.map(({ id }) => id))
    }
  }
  await journal.close()
  const inTime = { merchant: 'm_1', from: '2026-03-05T12:00:00.000Z' }
  for (const [filter, search] of [
    [{}, 'operation USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)'],
    [{ register: 'reg_1' }, 'operation USING INDEX operation_register (register=? AND seq>? AND seq<?)'],
    [{ session: 'ses_1' }, 'operation USING INDEX operation_session (session=? AND seq>? AND seq<?)'],
    [{ register: 'reg_1', external_id: 'order-1' }, 'operation_text USING PRIMARY KEY (hash=? AND seq>? AND seq<?)'],
    [{ allocation_group: 'Tisch 7' }, 'operation_text USING PRIMARY KEY (hash=? AND seq>? AND seq<?)'],
  ] as const)
    for (const order of ORDERS) {
      const plan = planOf(directory, { ...inTime, ...filter }, order)
      expect(plan).toContain(`SEARCH ${search}`)
      // Sorted as they are read: a page ends with its last row.
      expect(plan).not.toContain('TEMP B-TREE')
    }
})

const ORDERS = ['asc', 'desc'] as const

function idsInPages({ view }: Journal, filter: OperationFilter, order: Order): string[] {
  const ids: string[] = []
  for (let beyond: number = BEFORE_FIRST[order]; ; ) {
    const page = view.operations(filter, beyond, 70, undefined, order)
    ids.push(...page.map(({ id }) => id))
    beyond = page.at(-1)?.seq ?? 0
    if (page.length < 70) return ids
  }
}

/** How SQLite reads a list of operations. */
function planOf(directory: string, filter: OperationFilter, order: Order): string {
  const asked: string[] = []
  const db = new Database(journalPath(directory), { verbose: (sql) => void asked.push(String(sql)) })
  readingView(db).operations(filter, BEFORE_FIRST[order], 10, undefined, order)
  const plan = db.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${asked.at(-1)}`).all()
  db.close()
  return plan.map(({ detail }) => detail).join('\n')
}
