import { expect, test } from 'vitest'
import type { Probe } from '../../sync/evidence.ts'
import type { Happening, SenderState } from '../../sync/sender-state.ts'
import { hasArrived, isKnown, isRunning, outcomeOf, senderAfter, UNMET, verdictOn } from '../../sync/sender-state.ts'
import type { Halt } from '../../sync/source.ts'
import type { Outgoing } from '../../sync/target.ts'

type StateAt<At extends SenderState['at']> = Extract<SenderState, { at: At }>
type Contact = StateAt<'ready'>['contact']

const unmet: Contact = { past: 'unmet', isRegistered: false, refusals: 0 }
const hindered: Contact = { ...unmet, past: 'hindered' }
const known: Contact = { ...unmet, past: 'known' }
const registered: Contact = { ...unmet, isRegistered: true }
const refusedTwice: Contact = { ...known, refusals: 2 }

const batch: Outgoing = { first: 5, last: 9, prev: Buffer.alloc(32), hashes: [], text: Buffer.alloc(0) }
const other: Outgoing = { ...batch, last: 7 }
const unsettled = { batch, sends: 1 }
const fork: Probe = { after: 4, suspicion: 'fork' }
const rollback: Probe = { after: 8, suspicion: 'rollback', stored: { seq: 12, head: Buffer.alloc(32) } }
const halt: Halt = { state: 'stalled', code: 'malformed', message: 'Event 5 is refused' }
const storedHalt: Halt = { state: 'forked', code: 'fork', message: 'The target holds another event' }

function asking(contact: Contact, flight?: StateAt<'sending'>['unsettled']): SenderState {
  return { at: 'asking', contact, unsettled: flight }
}
function probing(contact: Contact, probe: Probe, flight?: StateAt<'sending'>['unsettled']): SenderState {
  return { at: 'probing', contact, probe, unsettled: flight }
}
function ready(contact: Contact): SenderState {
  return { at: 'ready', contact }
}
function sending(contact: Contact, sends = 1): SenderState {
  return { at: 'sending', contact, unsettled: { batch, sends } }
}
const halted: SenderState = { at: 'halted', halt }
const complete: SenderState = { at: 'ended', as: 'complete' }
const forgotten: SenderState = { at: 'ended', as: 'forgotten' }

const STATES = {
  asking: asking(unmet),
  'asking, hindered': asking(hindered),
  'asking, known': asking(refusedTwice),
  'asking, registered': asking(registered),
  'asking, unsettled': asking(known, unsettled),
  'asking, registered, unsettled': asking(registered, unsettled),
  'probing a fork': probing(known, fork),
  'probing a rollback, unsettled': probing(known, rollback, unsettled),
  ready: ready(refusedTwice),
  'ready, unmet': ready(registered),
  sending: sending(known),
  'sending, unmet, refused': sending({ ...registered, refusals: 2 }, 2),
  halted,
  complete,
  forgotten,
} satisfies Readonly<Record<string, SenderState>>

const HAPPENINGS = {
  registered: { kind: 'registered' },
  'position: agreement': { kind: 'position', shows: 'agreement' },
  'position: arrival': { kind: 'position', shows: 'arrival' },
  'position: loss': { kind: 'position', shows: 'loss' },
  'position: fork': { kind: 'position', shows: fork },
  'position: rollback': { kind: 'position', shows: rollback },
  sent: { kind: 'sent', batch },
  acknowledged: { kind: 'acknowledged' },
  'gap: loss': { kind: 'gap', shows: 'loss' },
  'gap: fork': { kind: 'gap', shows: fork },
  'gap: rollback': { kind: 'gap', shows: rollback },
  'refused: again': { kind: 'refused', verdict: 'again' },
  'refused: fewer': { kind: 'refused', verdict: 'fewer' },
  'refused: halt': { kind: 'refused', verdict: 'halt' },
  surpassed: { kind: 'surpassed' },
  hindered: { kind: 'hindered' },
  busy: { kind: 'busy' },
  unclear: { kind: 'unclear' },
  halted: { kind: 'halted', halt: storedHalt },
  complete: { kind: 'ended', as: 'complete' },
  forgotten: { kind: 'ended', as: 'forgotten' },
} satisfies Readonly<Record<string, Happening>>

type Row = Partial<Readonly<Record<keyof typeof HAPPENINGS, SenderState>>>

const haltedNow: SenderState = { at: 'halted', halt: storedHalt }

/** The state after each happening that can follow; no other one can. */
const NEXT: Readonly<Record<keyof typeof STATES, Row>> = {
  asking: {
    registered: asking(registered),
    'position: agreement': ready(known),
    'position: arrival': ready(known),
    'position: loss': ready(known),
    'position: fork': probing(known, fork),
    'position: rollback': probing(known, rollback),
    hindered: asking(hindered),
    busy: asking(unmet),
    unclear: asking(unmet),
    halted: haltedNow,
    forgotten,
  },
  'asking, hindered': {
    registered: asking({ ...hindered, isRegistered: true }),
    'position: agreement': ready(known),
    'position: arrival': ready(known),
    'position: loss': ready(known),
    'position: fork': probing(known, fork),
    'position: rollback': probing(known, rollback),
    hindered: asking(hindered),
    busy: asking(hindered),
    unclear: asking(hindered),
    halted: haltedNow,
    forgotten,
  },
  'asking, known': {
    registered: asking({ ...refusedTwice, isRegistered: true }),
    'position: agreement': ready(refusedTwice),
    'position: arrival': ready(refusedTwice),
    'position: loss': ready(refusedTwice),
    'position: fork': probing(refusedTwice, fork),
    'position: rollback': probing(refusedTwice, rollback),
    hindered: asking(refusedTwice),
    busy: asking(refusedTwice),
    unclear: asking(refusedTwice),
    halted: haltedNow,
    forgotten,
  },
  'asking, registered': {
    // It reports no chain before its first event: it receives that event.
    registered: ready(registered),
    'position: agreement': ready({ ...registered, past: 'known' }),
    'position: arrival': ready({ ...registered, past: 'known' }),
    'position: loss': ready({ ...registered, past: 'known' }),
    'position: fork': probing({ ...registered, past: 'known' }, fork),
    'position: rollback': probing({ ...registered, past: 'known' }, rollback),
    hindered: asking({ ...registered, past: 'hindered' }),
    busy: asking(registered),
    unclear: asking(registered),
    halted: haltedNow,
    forgotten,
  },
  'asking, unsettled': {
    registered: asking({ ...known, isRegistered: true }, unsettled),
    'position: agreement': sending(known),
    'position: arrival': ready(known),
    'position: loss': ready(known),
    'position: fork': probing(known, fork, unsettled),
    'position: rollback': probing(known, rollback, unsettled),
    hindered: asking(known, unsettled),
    busy: asking(known),
    unclear: asking(known, unsettled),
    halted: haltedNow,
    forgotten,
  },
  'asking, registered, unsettled': {
    registered: sending(registered),
    'position: agreement': sending({ ...registered, past: 'known' }),
    'position: arrival': ready({ ...registered, past: 'known' }),
    'position: loss': ready({ ...registered, past: 'known' }),
    'position: fork': probing({ ...registered, past: 'known' }, fork, unsettled),
    'position: rollback': probing({ ...registered, past: 'known' }, rollback, unsettled),
    hindered: asking({ ...registered, past: 'hindered' }, unsettled),
    busy: asking(registered),
    unclear: asking(registered, unsettled),
    halted: haltedNow,
    forgotten,
  },
  'probing a fork': {
    surpassed: ready(known),
    hindered: probing(known, fork),
    busy: ready(known),
    unclear: asking(known),
    halted: haltedNow,
  },
  'probing a rollback, unsettled': {
    // The cursor is at the end of the epoch: nothing of the batch is missing there.
    surpassed: ready(known),
    hindered: probing(known, rollback, unsettled),
    busy: ready(known),
    unclear: asking(known, unsettled),
    halted: haltedNow,
  },
  ready: {
    registered: asking({ ...refusedTwice, isRegistered: true }),
    'position: agreement': ready(refusedTwice),
    'position: arrival': ready(refusedTwice),
    'position: loss': ready(refusedTwice),
    'position: fork': probing(refusedTwice, fork),
    'position: rollback': probing(refusedTwice, rollback),
    sent: sending(refusedTwice),
    'gap: loss': ready(refusedTwice),
    'gap: fork': probing(refusedTwice, fork),
    'gap: rollback': probing(refusedTwice, rollback),
    hindered: ready(refusedTwice),
    busy: ready(refusedTwice),
    unclear: asking(refusedTwice),
    halted: haltedNow,
    complete,
    forgotten,
  },
  'ready, unmet': {
    registered: ready(registered),
    'position: agreement': ready({ ...registered, past: 'known' }),
    'position: arrival': ready({ ...registered, past: 'known' }),
    'position: loss': ready({ ...registered, past: 'known' }),
    'position: fork': probing({ ...registered, past: 'known' }, fork),
    'position: rollback': probing({ ...registered, past: 'known' }, rollback),
    sent: sending(registered),
    'gap: loss': ready(registered),
    'gap: fork': probing(registered, fork),
    'gap: rollback': probing(registered, rollback),
    hindered: ready({ ...registered, past: 'hindered' }),
    busy: ready(registered),
    unclear: asking(registered),
    halted: haltedNow,
    complete,
    forgotten,
  },
  sending: {
    sent: sending(known, 2),
    acknowledged: ready(known),
    'gap: loss': ready(known),
    'gap: fork': probing(known, fork),
    'gap: rollback': probing(known, rollback),
    'refused: again': ready({ ...known, refusals: 1 }),
    'refused: fewer': ready(known),
    'refused: halt': ready({ ...known, refusals: 1 }),
    hindered: sending(known),
    busy: ready(known),
    unclear: asking(known, unsettled),
    halted: haltedNow,
  },
  'sending, unmet, refused': {
    sent: sending({ ...registered, refusals: 2 }, 3),
    acknowledged: ready(registered),
    'gap: loss': ready({ ...registered, refusals: 2 }),
    'gap: fork': probing({ ...registered, refusals: 2 }, fork),
    'gap: rollback': probing({ ...registered, refusals: 2 }, rollback),
    'refused: again': ready({ ...registered, refusals: 3 }),
    'refused: fewer': ready(registered),
    'refused: halt': ready({ ...registered, refusals: 3 }),
    hindered: sending({ ...registered, past: 'hindered', refusals: 2 }, 2),
    busy: ready({ ...registered, refusals: 2 }),
    unclear: asking({ ...registered, refusals: 2 }, { batch, sends: 2 }),
    halted: haltedNow,
  },
  // A cursor that could not be saved is an error on the way out.
  halted: { unclear: halted, halted: haltedNow },
  complete: { unclear: complete },
  forgotten: { unclear: forgotten },
}

test.each(Object.entries(STATES))(
  'from %s each happening leads to the state of the table, and every other one is refused',
  (name, state) => {
    const row: Row = NEXT[name as keyof typeof STATES]
    for (const [happened, happening] of Object.entries(HAPPENINGS)) {
      const next = row[happened as keyof typeof HAPPENINGS]
      if (next === undefined) expect(() => senderAfter(state, happening), happened).toThrow(/cannot follow/)
      else expect(senderAfter(state, happening), happened).toEqual(next)
    }
  },
)

test('a sender begins with a question, and only a halt or an end stops it', () => {
  expect(UNMET).toEqual(asking(unmet))
  const stopped = Object.entries(STATES).filter(([, state]) => !isRunning(state))
  expect(stopped.map(([name]) => name)).toEqual(['halted', 'complete', 'forgotten'])
  expect(Object.values(STATES).map(outcomeOf).slice(-4)).toEqual(['closed', 'halted', 'complete', 'forgotten'])
})

test('a target is known once it has shown the chain, until the sender stops', () => {
  expect([asking(unmet), asking(hindered), ready(registered), halted, forgotten].some(isKnown)).toBe(false)
  expect([asking(known), ready(known), sending(known), probing(known, fork)].every(isKnown)).toBe(true)
})

test('a batch with an unknown outcome has arrived if the position contains it after three sends', () => {
  expect(hasArrived(asking(known), 9)).toBe(true)
  expect(hasArrived(asking(known, { batch, sends: 2 }), 9)).toBe(false)
  expect(hasArrived(asking(known, { batch, sends: 3 }), 8)).toBe(false)
  expect(hasArrived(asking(known, { batch, sends: 3 }), 9)).toBe(true)
  expect(hasArrived(asking(known, { batch: other, sends: 3 }), 8)).toBe(true)
})

test('the third refusal halves a batch or halts at the only event; too many bytes are halved at once', () => {
  const verdicts = (refusals: number, count: number): string[] =>
    (['refused', 'too_large'] as const).map((kind) => verdictOn({ ...known, refusals }, count, kind))
  expect([0, 1, 2, 3].map((refusals) => verdicts(refusals, 8))).toEqual([
    ['again', 'fewer'],
    ['again', 'fewer'],
    ['fewer', 'fewer'],
    ['fewer', 'fewer'],
  ])
  expect([0, 1, 2, 3].map((refusals) => verdicts(refusals, 1))).toEqual([
    ['again', 'again'],
    ['again', 'again'],
    ['halt', 'halt'],
    ['halt', 'halt'],
  ])
})
