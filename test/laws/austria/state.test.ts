import { expect, test } from 'vitest'
import type { EventBody, Members } from '../../../agent/journal/events.ts'
import { bodyOf } from '../../../agent/journal/events.ts'
import type { State } from '../../../agent/laws/austria/state.ts'
import { JWS_MEMBER, jwsIn, stateMembers, stateOf } from '../../../agent/laws/austria/state.ts'
import { canonicalJson } from '../../../base/canonical.ts'

const read = (state: Members) => stateOf({ law: { name: 'RKSV', state } })

test('a state is read as it was stored', () => {
  const states: State[] = [
    {},
    { receipt: { kind: 'yearly', period: '2026' }, tried: ['card-1'] },
    { receipt: { kind: 'null', period: '' }, jws: 'a.b.c' },
    { isLeftOut: true },
    { report: { receipts: 0 } },
    { report: { receipts: 3, session: 'ses_1' } },
  ]
  expect(states.map((state) => read(stateMembers(state)))).toEqual(states)
  expect(stateOf({ law: undefined })).toEqual({})
})

test('a change sets only what it names, and after the last unit all are tried again', () => {
  const before = stateMembers({ receipt: { kind: 'monthly', period: '2026-01' }, tried: ['card-1', 'card-2'] })
  expect(stateMembers({})).toEqual({})
  expect(read({ ...before, ...stateMembers({ tried: null }) })).toEqual({
    receipt: { kind: 'monthly', period: '2026-01' },
  })
})

test('the receipt is read from the event, and its name stands in the text', () => {
  const body = canonicalJson({ set: { fiscal: { state: 'succeeded' }, ...stateMembers({ jws: 'a.b.c' }) } })
  expect(body).toContain(`"${JWS_MEMBER}":"a.b.c"`)
  expect(jwsIn(bodyOf({ body }))).toBe('a.b.c')
})

test('an event that anybody wrote has no receipt in place of another type', () => {
  const written = ['{}', '{"set":null}', '{"set":"$jws"}', '{"set":[1]}', '{"set":7}']
  const jws = ['null', '7', '["a.b.c"]', '{"a":"b"}'].map((value) => `{"set":{"${JWS_MEMBER}":${value}}}`)
  const bodies = [...written, ...jws].map((text) => JSON.parse(text) as EventBody)
  expect(bodies.map((body) => jwsIn(body))).toEqual(bodies.map(() => undefined))
})
