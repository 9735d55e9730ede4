import { expect, test } from 'vitest'
import type { Act, EventBody, Plan } from '../../agent/journal/events.ts'
import type { Progress } from '../../agent/journal/progress.ts'
import { IDLE, progressAfter } from '../../agent/journal/progress.ts'
import { ProjectionConflict } from '../../agent/journal/projections/conflict.ts'

const act: Act = { device: 'tse-1', name: 'finish' }
const other: Act = { device: 'tse-1', name: 'sign' }
const completing: Plan = { goal: 'completed', status: 200 }
const opening: Plan = { goal: 'open', status: 201 }
const index = { kind: 'sale' } as const

const [ROOT, INTENT, END, SEQ] = [10, 12, 14, 20]
const request = { root: ROOT, plan: completing, makesDocument: false }
const start = { root: ROOT, plan: opening, makesDocument: true }
const end = { root: END, plan: completing, makesDocument: false }

const STATES: Readonly<Record<string, Progress>> = {
  idle: IDLE,
  acting: { at: 'acting', request, intent: INTENT, act },
  'acting, made': { at: 'acting', request: { ...request, makesDocument: true }, intent: INTENT, act },
  'acting, open': { at: 'acting', request: start, intent: INTENT, act },
  undecided: { at: 'undecided', request, intent: INTENT, act },
  'undecided, no intent': { at: 'undecided', request },
  awaiting: { at: 'awaiting', start, intent: INTENT, act, request: end },
  completed: { at: 'ended', as: 'completed' },
  refused: { at: 'ended', as: 'refused' },
}

const MARKS: Readonly<Record<string, EventBody>> = {
  nothing: { set: { a: 1 } },
  'plan, act': { plan: completing, act },
  'plan, act, index': { plan: opening, act, index },
  'plan, answer': { plan: completing, answer: { status: 200 } },
  'plan, answer, open': { plan: opening, answer: { status: 201 } },
  plan: { plan: completing },
  'ref, root, act': { ref: INTENT, root: ROOT, act: other },
  'ref, root, answer': { ref: INTENT, root: ROOT, answer: { status: 200, to: ROOT } },
  'ref, root, release': { ref: INTENT, root: ROOT, release: ROOT },
  root: { root: ROOT },
  'root, act': { root: ROOT, act: other },
  'root, answer': { root: ROOT, answer: { status: 200, to: ROOT } },
  act: { act },
  'ref, root': { ref: INTENT, root: ROOT },
  'wrong ref': { ref: 11, root: ROOT, answer: { status: 200, to: ROOT } },
  'wrong root': { ref: INTENT, root: 9, answer: { status: 200, to: 9 } },
  'wrong answer': { ref: INTENT, root: ROOT, answer: { status: 200, to: 9 } },
  'wrong release': { ref: INTENT, root: ROOT, release: 9 },
}

function ended(as: 'completed' | 'refused'): Progress {
  return { at: 'ended', as }
}
const NEXT: Readonly<Record<string, Readonly<Record<string, Progress>>>> = {
  idle: {
    'plan, act': { at: 'acting', request: { root: SEQ, plan: completing, makesDocument: false }, intent: SEQ, act },
    'plan, act, index': { at: 'acting', request: { root: SEQ, plan: opening, makesDocument: true }, intent: SEQ, act },
    'plan, answer': ended('completed'),
    'plan, answer, open': IDLE,
  },
  acting: {
    'ref, root, act': { at: 'acting', request, intent: SEQ, act: other },
    'ref, root, answer': ended('completed'),
    'ref, root, release': IDLE,
    root: { at: 'undecided', request, intent: INTENT, act },
  },
  'acting, made': {
    'ref, root, act': { at: 'acting', request: { ...request, makesDocument: true }, intent: SEQ, act: other },
    'ref, root, answer': ended('completed'),
    'ref, root, release': ended('refused'),
    root: { at: 'undecided', request: { ...request, makesDocument: true }, intent: INTENT, act },
  },
  'acting, open': {
    plan: {
      at: 'awaiting',
      start,
      intent: INTENT,
      act,
      request: { root: SEQ, plan: completing, makesDocument: false },
    },
    'ref, root, act': { at: 'acting', request: start, intent: SEQ, act: other },
    'ref, root, answer': IDLE,
    'ref, root, release': ended('refused'),
    root: { at: 'undecided', request: start, intent: INTENT, act },
  },
  undecided: {
    'ref, root, act': { at: 'undecided', request, intent: SEQ, act: other },
    'ref, root, answer': ended('completed'),
    'ref, root, release': IDLE,
  },
  'undecided, no intent': {
    'root, act': { at: 'undecided', request, intent: SEQ, act: other },
    'root, answer': ended('completed'),
  },
  awaiting: {
    'ref, root, act': { at: 'awaiting', start, intent: SEQ, act: other, request: end },
    'ref, root, answer': { at: 'undecided', request: end },
  },
  completed: {},
  refused: {
    'plan, act': { at: 'acting', request: { root: SEQ, plan: completing, makesDocument: false }, intent: SEQ, act },
    'plan, act, index': { at: 'acting', request: { root: SEQ, plan: opening, makesDocument: true }, intent: SEQ, act },
    'plan, answer': ended('completed'),
    'plan, answer, open': IDLE,
  },
}

test.each(Object.entries(STATES))(
  'from %s each event leads to the state of the table, and every other one is refused',
  (name, state) => {
    for (const [told, marks] of Object.entries(MARKS)) {
      const next = told === 'nothing' ? state : NEXT[name]?.[told]
      if (next === undefined) expect(() => progressAfter(state, SEQ, marks), told).toThrow(ProjectionConflict)
      else expect(progressAfter(state, SEQ, marks), told).toEqual(next)
    }
  },
)
