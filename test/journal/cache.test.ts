import { expect, test } from 'vitest'
import { NO_PARTS, partsAfter } from '../../agent/journal/documents/document.ts'
import type { Marks, Members, NewEvent } from '../../agent/journal/events.ts'
import { Recent, recall } from '../../base/recent.ts'
import { fc } from '../properties.ts'
import { markEvent } from './some-event.ts'
import { openJournal, temporaryDirectory } from './temporary-journal.ts'

const OPS = ['op_1', 'op_2', 'op_3']
const UNIT: Marks = { index: { kind: 'unit' }, set: {} }

function asWritten(members: Members | undefined): Members | undefined {
  return members && (JSON.parse(JSON.stringify(members)) as Members)
}

test('a document in use matches its events, after any refusals between them', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const members = fc.dictionary(fc.constantFrom('a', 'b', '$c', '7'), fc.constantFrom(1, 'x', null, undefined))
  await journal.record(() => OPS.map((op) => markEvent(op, UNIT)))
  const change = fc.record({ op: fc.constantFrom(...OPS), set: members, ended: fc.boolean(), refused: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 15 }), async (changes) => {
      const appended = changes.map(({ op, set, ended, refused }) => {
        const body: Marks = { set, ...(ended && { status: 'completed' }) }
        return journal
          .commit('intent', (view) => {
            view.document(op)
            // The second one cannot be projected: a session must have a register.
            const session = { id: 'ses_1', register: null as unknown as string, set: {} }
            const misfit = markEvent(op, { set: { a: 'never' }, session })
            const fits = markEvent(op, body)
            return { events: refused ? [fits, misfit] : [fits], result: 0 }
          })
          .catch(() => undefined)
      })
      await Promise.all(appended)
      for (const op of OPS) {
        const read = journal.view.document(op, Number.MAX_SAFE_INTEGER)?.parts.shown
        expect(read).toBeDefined()
        expect(asWritten(journal.view.document(op)?.parts.shown)).toEqual(asWritten(read))
      }
    }),
    { numRuns: 30 },
  )
  await journal.close()
})

test('a revoked key is known as revoked at once', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const key = { id: 'K1', kind: 'platform' as const, hash: Buffer.alloc(32).toString('base64url') }
  await journal.record(() => [{ kind: 'key.created', op: '', body: { key } }])
  expect(journal.view.key('K1')?.revoked_at).toBeNull()
  await journal.record(() => [{ kind: 'key.revoked', op: '', body: { revoked: 'K1' } }])
  expect(journal.view.key('K1')?.revoked_at).not.toBeNull()
  await journal.close()
})

test('a merchant that is new is among the first two at once, and one that was refused is not', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const first = () => journal.view.firstMerchants()
  const index = { kind: 'merchant' as const }
  const newEvent = (op: string): NewEvent => ({ kind: 'merchant.created', op, body: { index, set: {} } })
  expect(first()).toEqual([])
  const misfit = markEvent('', { session: { id: 's', register: null as unknown as string, set: {} } })
  const seen: (readonly string[])[] = []
  for (const op of ['mer_1', 'mer_2', 'mer_3']) {
    await expect(journal.record(() => [newEvent(`${op}_refused`), misfit])).rejects.toThrow()
    seen.push(first())
    await journal.record(() => [newEvent(op)])
    seen.push(first())
  }
  expect(seen).toEqual([[], ['mer_1'], ['mer_1'], ['mer_1', 'mer_2'], ['mer_1', 'mer_2'], ['mer_1', 'mer_2']])
  await journal.close()
})

test('a merchant that becomes inactive or active again is not among the first two, or is again, at once', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const { view } = journal
  const index = { kind: 'merchant' as const }
  for (let count = 0; count < 20; count++)
    await journal.record(() => [{ kind: 'merchant.created', op: `mer_${count}`, body: { index, set: {} } }])
  const become = async (op: string, status: string): Promise<readonly string[]> => {
    await journal.record(() => [{ kind: 'merchant.updated', op, body: { set: { status } } }])
    return view.firstMerchants()
  }
  expect(await become('mer_5', 'inactive')).toEqual(['mer_0', 'mer_1'])
  expect(await become('mer_0', 'inactive')).toEqual(['mer_1', 'mer_2'])
  for (let count = 1; count < 19; count++) await become(`mer_${count}`, 'inactive')
  expect(view.firstMerchants()).toEqual(['mer_19'])
  expect(await become('mer_19', 'inactive')).toEqual([])
  expect(await become('mer_7', 'active')).toEqual(['mer_7'])
  expect(await become('mer_0', 'active')).toEqual(['mer_0', 'mer_7'])
  expect(view.eldestMerchant()).toBe('mer_0')
  await journal.close()
})

test('a member that is undefined leaves the one before', () => {
  const before = { a: 1, b: 2 }
  const parts = partsAfter(NO_PARTS, { set: before, own: { receipt_number: 1, z_number: 2 }, law: before })
  const after = { a: 1, b: null, c: 3 }
  const change = { a: undefined, b: null, c: 3 }
  const own: object = { receipt_number: undefined, pending: null, z_number: 3 }
  expect(partsAfter(parts, { set: change, own, law: change })).toEqual({
    ...{ shown: after, law: after },
    own: { receipt_number: 1, pending: null, z_number: 3 },
  })
})

test('a heavy entry replaces others, and one that is too heavy is not kept', () => {
  const recent = new Recent<string>(10, 100)
  const cachedIds = () => ['a', 'b', 'c', 'huge'].filter((id) => recent.get(id) !== undefined)
  recent.keep('a', 'a', 40)
  recent.keep('b', 'b', 40)
  recent.keep('a', 'a', 50)
  expect(cachedIds()).toEqual(['a', 'b'])
  recent.keep('c', 'c', 30)
  expect(cachedIds()).toEqual(['b', 'c'])
  recent.keep('huge', 'huge', 101)
  expect(cachedIds()).toEqual([])
  recent.keep('a', 'a', 100)
  expect(cachedIds()).toEqual(['a'])
})

test('large events are read in portions, and none is left out', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const text = 'x'.repeat(400_000)
  const events = Array.from({ length: 7 }, (_, index) =>
    markEvent('op_1', { ...(index === 0 && UNIT), set: { [index]: text } }),
  )
  await journal.record(() => events)
  const read: number[] = []
  for (let after = 0; ; ) {
    const portion = journal.view.portionAfter(after, 200)
    const last = portion.at(-1)
    if (last === undefined) break
    expect(portion.length).toBeLessThanOrEqual(4)
    read.push(...portion.map(({ seq }) => seq))
    after = last.seq
  }
  expect(read).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(Object.keys(journal.view.document('op_1')?.parts.shown ?? {})).toHaveLength(7)
  expect(journal.view.lengthOf('op_1')).toBeGreaterThan(7 * text.length)
  await journal.close()
})

test('the least recently used value is removed first', () => {
  const recent = new Recent<string>(2)
  for (const id of ['one', 'two']) recent.keep(id, id)
  recent.get('one')
  recent.keep('three', 'three')
  const reads: string[] = []
  const read = (id: string) => {
    reads.push(id)
    return { value: id, weight: 0 }
  }
  for (const id of ['one', 'three', 'two']) expect(recall(recent, id, read)).toBe(id)
  expect(reads).toEqual(['two'])
})

test('all registers of a large shop are kept: who looks at each in turn reads them once', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const ids = Array.from({ length: 600 }, (_, at) => `reg_${at}`)
  await journal.record(() => ids.map((op) => markEvent(op, { ...UNIT, set: { id: op } })))
  const look = () => ids.map((id) => journal.view.document(id))
  const first = look()
  expect(first).not.toContain(undefined)
  expect(look().every((document, at) => document === first[at])).toBe(true)
  await journal.close()
})
