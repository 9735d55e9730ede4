import { expect, test } from 'vitest'
import type { Happening, JournalState } from '../../agent/journal/journal-state.ts'
import { isOpen, OPENED, savedIn, stateAfter, unwritableIn } from '../../agent/journal/journal-state.ts'

const [why, newer] = [new Error('a read failed'), new Error('another read failed')]
const saved = Promise.resolve()

const STATES: Readonly<Record<string, JournalState>> = {
  resting: { at: 'resting', stopping: false },
  'resting/stop': { at: 'resting', stopping: true },
  queued: { at: 'queued', stopping: false },
  'queued/stop': { at: 'queued', stopping: true },
  writing: { at: 'writing', stopping: false, unwritable: undefined },
  'writing/stop': { at: 'writing', stopping: true, unwritable: undefined },
  broken: { at: 'writing', stopping: false, unwritable: why },
  'broken/stop': { at: 'writing', stopping: true, unwritable: why },
  newer: { at: 'writing', stopping: false, unwritable: newer },
  'newer/stop': { at: 'writing', stopping: true, unwritable: newer },
  closed: { at: 'closed' },
  failed: { at: 'failed', saved: undefined },
  saved: { at: 'failed', saved },
}

const HAPPENINGS: readonly Happening[] = [
  'command added',
  'group begun',
  'group committed',
  'queue emptied',
  'stop requested',
  'wait abandoned',
  'file closed',
  'failure',
  { unwritable: newer },
  { saved },
]

/** `-`: it cannot follow. Nothing but the failure of a closed journal, and the rescue of a failed one, follows an end. */
const TABLE = `
              added        begun        committed   emptied      stop         abandoned    closed failure unwritable saved
resting       queued       writing      -           resting      resting/stop resting/stop closed failed  -          -
resting/stop  -            writing/stop -           resting/stop resting/stop resting/stop closed failed  -          -
queued        queued       writing      -           resting      queued/stop  resting/stop closed failed  -          -
queued/stop   -            writing/stop -           resting/stop queued/stop  resting/stop closed failed  -          -
writing       writing      -            queued      -            writing/stop -            -      failed  newer      -
writing/stop  -            -            queued/stop -            writing/stop -            -      failed  newer/stop -
broken        broken       -            queued      -            broken/stop  -            -      failed  newer      -
broken/stop   -            -            queued/stop -            broken/stop  -            -      failed  newer/stop -
closed        closed       closed       closed      closed       closed       closed       closed failed  closed     closed
failed        failed       failed       failed      failed       failed       failed       failed failed  failed     saved
saved         saved        saved        saved       saved        saved        saved        saved  saved   saved      saved
`
const [, ...ROWS] = TABLE.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/))

test.each(ROWS)('from %s each happening leads to the state of the table, or is refused', (name, ...row) => {
  const state = STATES[name ?? '']
  if (state === undefined) throw new Error(`${name} is not a state`)
  expect(row).toHaveLength(HAPPENINGS.length)
  for (const [index, happening] of HAPPENINGS.entries()) {
    const label = JSON.stringify(happening)
    const next = STATES[row[index] ?? '']
    if (next === undefined) expect(() => stateAfter(state, happening), label).toThrow('cannot follow')
    else expect(stateAfter(state, happening), label).toStrictEqual(next)
  }
})

test('a group of an open journal makes no new state', () => {
  const group = ['command added', 'group begun', 'group committed', 'queue emptied'] as const
  const states = (): JournalState[] => {
    let state = OPENED
    return group.map((happening) => (state = stateAfter(state, happening)))
  }
  const [first, second] = [states(), states()]
  for (const [index, state] of first.entries()) expect(second[index]).toBe(state)
  expect(first.at(-1)).toBe(OPENED)
})

test('only a journal that is neither closed nor failed is open, and each value is read from its state', () => {
  const open = Object.entries(STATES).filter(([, state]) => isOpen(state))
  const ended = ['closed', 'failed', 'saved']
  expect(open.map(([name]) => name)).toEqual(Object.keys(STATES).filter((name) => !ended.includes(name)))
  const values = Object.fromEntries(
    Object.entries(STATES).map(([name, state]) => [name, unwritableIn(state) ?? savedIn(state)]),
  )
  expect(values).toEqual({
    ...Object.fromEntries(Object.keys(STATES).map((name) => [name, undefined])),
    broken: why,
    'broken/stop': why,
    newer,
    'newer/stop': newer,
    saved,
  })
})
