import { expect, test } from 'vitest'
import type { OperationKind } from '../../agent/journal/documents/kind.ts'
import type { NewEvent } from '../../agent/journal/events.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import { reads } from '../../agent/till/reading/reads.ts'
import type { Page, PageQuery } from '../../agent/till/requests.ts'
import { markEvent } from '../journal/some-event.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { heavy } from '../tags.ts'

const MERCHANT = 'merchant_1'
const SALES = 11_000
const OPENINGS = 2500
const SESSIONS = 4500
const OTHER_MERCHANT = 'merchant_2'
const A_COMMIT = 500

/** Years of sales and openings of the drawer of one register, then a single one of each other kind, of another. */
async function longJournal(): Promise<Journal> {
  const journal = await openJournal(await temporaryDirectory())
  const append = (events: readonly NewEvent[]) => journal.commit('outcome', () => ({ events, result: undefined }))
  const operation = (op: string, kind: OperationKind, register: string): NewEvent => {
    const index = { kind, merchant: MERCHANT, register } as const
    const external_id = kind === 'sale' ? 'same' : 'other'
    return markEvent(op, { index, status: 'completed', set: { id: op, external_id } })
  }
  const opening = (op: string, register: string): NewEvent =>
    markEvent(op, {
      index: { kind: 'drawer_opening', merchant: MERCHANT, register },
      set: { id: op, register_id: register },
    })
  await append([
    markEvent(MERCHANT, { index: { kind: 'merchant' }, set: { id: MERCHANT } }),
    ...['reg_1', 'reg_2'].map((id) =>
      markEvent(id, { index: { kind: 'register', merchant: MERCHANT }, set: { id, merchant_id: MERCHANT } }),
    ),
  ])
  for (let step = 0; step < SALES; step += A_COMMIT)
    await append(Array.from({ length: A_COMMIT }, (_, index) => operation(`op_${step + index}`, 'sale', 'reg_1')))
  for (let step = 0; step < OPENINGS; step += A_COMMIT)
    await append(Array.from({ length: A_COMMIT }, (_, index) => opening(`cdo_${step + index}`, 'reg_1')))
  await append([operation('op_void', 'void', 'reg_1'), opening('cdo_last', 'reg_2')])
  return journal
}

/** Years of sessions of two registers, of which one is open, then one of another merchant's register. */
async function manySessions(): Promise<Journal> {
  const journal = await openJournal(await temporaryDirectory())
  const append = (events: readonly NewEvent[]) => journal.commit('outcome', () => ({ events, result: undefined }))
  const register = (id: string, merchant: string): NewEvent =>
    markEvent(id, { index: { kind: 'register', merchant }, set: { id, merchant_id: merchant } })
  const session = (number: number | 'open' | 'other', register: string, state = 'closed'): NewEvent => {
    const id = `ses_${number}`
    return markEvent('', { session: { id, register, set: { id, state } } })
  }
  await append([register('reg_1', MERCHANT), register('reg_2', MERCHANT), register('reg_3', OTHER_MERCHANT)])
  for (let step = 0; step < SESSIONS; step += A_COMMIT)
    await append(Array.from({ length: A_COMMIT }, (_, index) => session(step + index, 'reg_1')))
  await append([session('open', 'reg_2', 'open'), session('other', 'reg_3')])
  return journal
}

/** The ids of each portion until the end. */
function portionsOf(list: (query: PageQuery) => Page<Readonly<Record<string, unknown>>>): unknown[][] {
  const portions: unknown[][] = []
  for (let cursor: string | undefined; ; ) {
    const { data, next_cursor: next } = list({ limit: 20, cursor })
    portions.push(data.map(({ id }) => id))
    if (next === null) return portions
    cursor = next
  }
}

test(
  'a list whose limit hardly anything meets looks at a few thousand per turn, and continues after them',
  heavy(),
  async () => {
    const journal = await longJournal()
    const lists = reads(journal.view, () => undefined)
    const access = { caller: { kind: 'platform', keyId: 'key_1' }, merchantId: MERCHANT } as const
    const voids = { registerId: undefined, type: 'void', order: 'asc' } as const
    const pages = [[], [], ['op_void']]
    expect(portionsOf((query) => lists.operations.list(access, { ...voids, ...query }))).toEqual(pages)
    expect(portionsOf((query) => lists.operations.list(access, { ...voids, registerId: 'reg_1', ...query }))).toEqual(
      pages,
    )
    const inTime = { ...voids, from: '2000-01-01T00:00:00.000Z' }
    expect(portionsOf((query) => lists.operations.list(access, { ...inTime, ...query }))).toEqual(pages)
    // Nothing of that time: nothing is looked at.
    const never = { ...voids, from: '2200-01-01T00:00:00.000Z' }
    expect(portionsOf((query) => lists.operations.list(access, { ...never, ...query }))).toEqual([[]])
    // Backwards the same bounds hold: the only one is at the end of the journal.
    for (const filter of [voids, { ...voids, registerId: 'reg_1' }, inTime]) {
      const backwards = { ...filter, order: 'desc' } as const
      expect(portionsOf((query) => lists.operations.list(access, { ...backwards, ...query }))).toEqual([
        ['op_void'],
        [],
        [],
      ])
    }
    // A text that all have: rows at random places are looked at by the thousand.
    const named = { ...voids, external_id: 'same' }
    const portions = portionsOf((query) => lists.operations.list(access, { ...named, ...query }))
    expect([portions.length, portions.flat()]).toEqual([SALES / 1000, []])
    const ofOther = { registerId: 'reg_2' }
    expect(portionsOf((query) => lists.drawerOpenings.list(access, { ...ofOther, ...query }))).toEqual([
      [],
      [],
      ['cdo_last'],
    ])
    // A short list is one portion.
    expect(portionsOf((query) => lists.registers.list(access, query))).toEqual([['reg_1', 'reg_2']])
    await journal.close()
  },
)

test('a list of sessions looks at a few thousand per turn, and only at the open ones if those are requested', async () => {
  const journal = await manySessions()
  const lists = reads(journal.view, () => undefined)
  const portions = (merchantId: string, state: string | undefined, registerId?: string): unknown[][] => {
    const access = { caller: { kind: 'platform', keyId: 'key_1' }, merchantId } as const
    return portionsOf((query) => lists.sessions.list(access, { ...query, state, registerId }))
  }
  expect(portions(MERCHANT, 'open')).toEqual([['ses_open']])
  expect(portions(MERCHANT, 'open', 'reg_2')).toEqual([['ses_open']])
  expect(portions(MERCHANT, 'counted')).toEqual([[]])
  expect(portions(OTHER_MERCHANT, 'open')).toEqual([[]])
  expect(portions(OTHER_MERCHANT, undefined)).toEqual([[], [], ['ses_other']])
  expect(portions(OTHER_MERCHANT, 'closed', 'reg_3')).toEqual([['ses_other']])
  expect(portions(MERCHANT, 'closed').flat()).toHaveLength(SESSIONS)
  expect(portions(MERCHANT, undefined).flat()).toHaveLength(SESSIONS + 1)
  await journal.close()
})

test('an operation whose own id or group was changed is found by the new one alone', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const index = { kind: 'sale', merchant: MERCHANT } as const
  const append = (event: NewEvent) => journal.commit('outcome', () => ({ events: [event], result: undefined }))
  await append(markEvent(MERCHANT, { index: { kind: 'merchant' }, set: { id: MERCHANT } }))
  for (const id of ['op_1', 'op_2'])
    await append(markEvent(id, { index, set: { id, external_id: 'order-1', allocation_group: 'Tisch 7' } }))
  await append(markEvent('op_1', { set: { external_id: 'order-2', allocation_group: 'Tisch 8' } }))
  await append(markEvent('op_1', { set: { note: 'without fish' } }))
  const lists = reads(journal.view, () => undefined)
  const access = { caller: { kind: 'platform', keyId: 'key_1' }, merchantId: MERCHANT } as const
  const idsOf = (filter: object) =>
    portionsOf((query) => lists.operations.list(access, { order: 'asc', ...filter, ...query })).flat()
  expect(idsOf({ external_id: 'order-1' })).toEqual(['op_2'])
  expect(idsOf({ external_id: 'order-2' })).toEqual(['op_1'])
  expect(idsOf({ allocation_group: 'Tisch 7' })).toEqual(['op_2'])
  expect(idsOf({ allocation_group: 'Tisch 8', external_id: 'order-2' })).toEqual(['op_1'])
  expect(idsOf({ allocation_group: 'Tisch 7', external_id: 'order-2' })).toEqual([])
  // A group is no id.
  expect(idsOf({ external_id: 'Tisch 7' })).toEqual([])
  await journal.close()
})
