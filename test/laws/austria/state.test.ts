import { expect, test } from 'vitest'
import type { EventBody, Members } from '../../../agent/journal/events.ts'
import { bodyOf } from '../../../agent/journal/events.ts'
import type { State } from '../../../agent/laws/austria/state.ts'
import { JWS_MEMBER, jwsIn, stateMembers, stateOf } from '../../../agent/laws/austria/state.ts'
import { canonicalJson } from '../../../base/canonical.ts'
import { documentOf } from '../../some-document.ts'

function read(state: Members) {
  return stateOf(documentOf('sale', { law: { name: 'RKSV', ...state } }))
}

test('a stored state is read without a loss', () => {
  const states: State[] = [
    {},
    { receipt: { kind: 'annual', period: '2026' }, tried: ['card-1'] },
    { receipt: { kind: 'zero', period: '' }, jws: 'a.b.c' },
    { left_out: true },
    { report: { receipts: 0 } },
    { report: { receipts: 3, session: 'ses_1' } },
  ]
  expect(states.map((state) => read(stateMembers(state)))).toEqual(states)
  expect(stateOf(documentOf('sale', {}))).toEqual({})
})

test('a change sets only its own members, and null resets the tried units', () => {
  const before = stateMembers({ receipt: { kind: 'monthly', period: '2026-01' }, tried: ['card-1', 'card-2'] })
  expect(stateMembers({})).toEqual({})
  expect(read({ ...before, ...stateMembers({ tried: null }) })).toEqual({
    receipt: { kind: 'monthly', period: '2026-01' },
  })
})

test('the receipt of an event is found in its body and in its text', () => {
  const body = canonicalJson({ set: { fiscal: { state: 'succeeded' } }, law: stateMembers({ jws: 'a.b.c' }) })
  expect(body).toContain(`"${JWS_MEMBER}":"a.b.c"`)
  expect(jwsIn(bodyOf({ body }))).toBe('a.b.c')
})

test('an event of a foreign file with a member of another type has no receipt', () => {
  const written = ['{}', '{"law":null}', '{"law":"jws"}', '{"law":[1]}', '{"law":7}']
  const jws = ['null', '7', '["a.b.c"]', '{"a":"b"}'].map((value) => `{"law":{"${JWS_MEMBER}":${value}}}`)
  const bodies = [...written, ...jws].map((text) => JSON.parse(text) as EventBody)
  expect(bodies.map((body) => jwsIn(body))).toEqual(bodies.map(() => undefined))
})
