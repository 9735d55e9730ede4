import { expect, test } from 'vitest'
import { BookState, digestOf } from '../../agent/journal/books/book-state.ts'
import type { Maps } from '../../agent/journal/books/state-maps.ts'
import type { EventBody } from '../../agent/journal/events.ts'

type Name = keyof Maps

const AT = '2026-03-12T09:00:00.000Z'
const OPEN = {
  session: { id: 'ses_1', register: 'reg_1', set: { state: 'open' }, cash: 100 },
} as const satisfies EventBody

/** The state without any event: its JSON is in the digests of state records. */
const EMPTY: { readonly [Map in Exclude<Name, 'orders'>]: unknown } = {
  registers: {},
  sessions: {},
  keys: [],
  devices: {},
  intents: [],
  totals: {},
  targets: [],
}

/** Events of `op_1` that fill a map, and its JSON after them. */
const FILLED: { readonly [Map in Name]: { readonly events: readonly EventBody[]; readonly json: unknown } } = {
  registers: {
    events: [{ receipt: { register: 'reg_1', number: 1 }, chain: { register: 'reg_1', state: { counter: 7 } } }],
    json: { reg_1: { chain: { counter: 7 }, closed: 0, receipt: 1, session: null } },
  },
  sessions: {
    events: [OPEN],
    json: {
      ses_1: {
        bons: 0,
        cash: 100,
        doc: { own: {}, shown: { state: 'open' } },
        gross: 0,
        id: 'ses_1',
        register: 'reg_1',
        seq: 1,
        state: 'open',
      },
    },
  },
  keys: {
    events: [{ key: { id: 'key_1', kind: 'platform', hash: 'aGFzaA' } }],
    json: [{ created_at: AT, hash: 'aGFzaA', id: 'key_1', kind: 'platform', register: null, revoked_at: null }],
  },
  devices: { events: [{ enrolled: { device: 'tse-1', serial: 'abc' } }], json: { 'tse-1': 'abc' } },
  intents: {
    events: [{ act: { device: 'tse-1', name: 'start' } }],
    json: [{ device: 'tse-1', op: 'op_1', seq: 1 }],
  },
  totals: {
    events: [OPEN, { index: { kind: 'sale', session: 'ses_1' }, set: { total_amount: '12.50' } }],
    json: { op_1: { cents: 1250, session: 'ses_1' } },
  },
  targets: {
    events: [{ witness: { target: 'cloud', kind: 'http', address: 'https://one' } }],
    json: [{ address: 'https://one', at: AT, kind: 'http', removed_at: null, seq: 1, target: 'cloud' }],
  },
  orders: {
    events: [
      {
        orders: {
          location: 'loc_1',
          added: [
            { line: 'li_1', order: 'op_1', group: 'Tisch 7', born: 'Tisch 7', sku: 'eis', quantity: '200000000' },
            { line: 'li_2', order: 'op_1', group: 'Tisch 7', born: 'Tisch 7', sku: 'bier', quantity: '50000000' },
          ],
        },
      },
      {
        orders: {
          location: 'loc_1',
          taken: [{ line: 'li_2', group: 'Tisch 7', quantity: '50000000' }],
          moved: [{ line: 'li_1', group: 'Tisch 7', to: 'Tisch 12', quantity: '50000000' }],
        },
      },
    ],
    json: [
      {
        location: 'loc_1',
        groups: ['Tisch 7', 'Tisch 12'].map((group) => ({
          group,
          lines: [
            {
              line: 'li_1',
              order: 'op_1',
              born: 'Tisch 7',
              sku: 'eis',
              quantity: group === 'Tisch 7' ? '150000000' : '50000000',
              since: 100,
            },
          ],
        })),
      },
    ],
  },
}

function noteAll(state: BookState, events: readonly EventBody[]): void {
  for (const [index, body] of events.entries()) state.note(index + 1, AT, 'op_1', body)
}

test('the empty state has the JSON that older state records have', () => {
  expect(JSON.parse(new BookState().toJson())).toEqual(EMPTY)
})

test.each(Object.entries(FILLED))(
  '%s are in the JSON of the state, are read back, and are rolled back',
  (name, map) => {
    const state = new BookState()
    const before = state.toJson()
    const saved = state.saved()
    noteAll(state, map.events)
    const json = state.toJson()
    expect((JSON.parse(json) as Record<string, unknown>)[name]).toEqual(map.json)
    expect(BookState.from(json).toJson()).toBe(json)
    state.restore(saved)
    expect(state.toJson()).toBe(before)
  },
)

test('the state without open order lines has the digest of a program without orders', () => {
  const state = new BookState()
  const line = { line: 'li_1', group: 'Tisch 7', quantity: '100000000' }
  noteAll(state, FILLED.registers.events)
  const before = digestOf(state.toJson())
  expect(before).toBe('375715831815728a44410913a53a258102c7c5ae5e7c379fd1711a2ab7896b2a')
  state.note(3, AT, 'op_2', {
    orders: { location: 'loc_1', added: [{ ...line, order: 'op_2', born: 'Tisch 7', sku: 'eis' }] },
  })
  expect(digestOf(state.toJson())).not.toBe(before)
  state.note(4, AT, 'op_3', { orders: { location: 'loc_1', taken: [line] } })
  expect(digestOf(state.toJson())).toBe(before)
})
