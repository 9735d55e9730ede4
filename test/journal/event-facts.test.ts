import { expect, test } from 'vitest'
import type { NewEvent } from '../../agent/journal/events.ts'
import { claimedFacts, factsOf, withMarks } from '../../agent/journal/events.ts'
import { portionFacts } from '../../agent/journal/portion-facts.ts'
import { orphanTransaction, transactionFacts } from '../../agent/journal/transaction-facts.ts'
import { textEvent } from './some-event.ts'

const SERVICE = { device: 'tse-1', act: 'self-test' }
const STRAY = { law: 'KassenSichV', register_id: 'reg_1', operation_id: null }

test('the compiler refuses an event with a missing, misspelled or foreign fact', () => {
  const events: readonly NewEvent[] = [
    { kind: 'device.serviced', op: 'tse-1', body: { facts: SERVICE } },
    // @ts-expect-error: act is missing.
    { kind: 'device.serviced', op: 'tse-1', body: { facts: { device: 'tse-1' } } },
    // @ts-expect-error: argument is misspelled.
    { kind: 'device.serviced', op: 'tse-1', body: { facts: { ...SERVICE, arguments: 'EDGE-1' } } },
    // @ts-expect-error: facts are missing.
    { kind: 'device.serviced', op: 'tse-1', body: {} },
    // @ts-expect-error: a kind without facts.
    { kind: 'operation.completed', op: 'op_1', body: { facts: SERVICE } },
    // @ts-expect-error: facts of another kind.
    { kind: 'transaction.abort_intended', op: '', body: { facts: { from: '', to: '', by: '' } } },
    { kind: 'operation.completed', op: 'op_1', body: { origin: { organization: 'org_1' } } },
    // @ts-expect-error: the origin is no fact.
    { kind: 'operation.completed', op: 'op_1', body: { facts: { organization: 'org_1' } } },
    { kind: 'device.serviced', op: 'tse-1', body: { facts: SERVICE, origin: { organization: 'org_1' } } },
    { kind: 'tse.archived', op: 'tse_a1', body: { set: { archives: [] } } },
  ]
  expect(events).toHaveLength(10)
})

test('factsOf returns the facts of its kinds only; a fact that an older program did not write is undefined', () => {
  const stored = (kind: string, body: object) => ({ kind, body: JSON.stringify(body) })
  const down = stored('device.changed', { facts: { device: 'tse-1', state: 'down', code: 'timeout' } })
  const facts = { device: 'tse-1', state: 'down', code: 'timeout' }
  expect(factsOf(down, 'device.serviced', 'device.changed')).toEqual(facts)
  expect(factsOf(down, 'device.changed')?.silent_ms).toBeUndefined()
  expect(factsOf(down, 'device.serviced')).toBeUndefined()
  expect(factsOf(stored('device.changed', {}), 'device.changed')).toEqual({})
  expect(factsOf(stored('duty.sent', { facts: { code: 'x' } }), 'device.changed')).toBeUndefined()
})

test('claimedFacts returns no members if the facts are not an object', () => {
  for (const facts of [null, 7, 'journal.opened', undefined])
    expect(claimedFacts<'journal.opened'>({ body: { facts } }).public_key).toBeUndefined()
  expect(claimedFacts<'journal.opened'>({ body: { facts: { public_key: 7 } } }).public_key).toBe(7)
})

test('claimedFacts returns no members of a body that is not an object', () => {
  for (const body of ['', '{', 'null', '7', '"text"', '[]', '{"facts":7}'])
    expect(claimedFacts<'journal.opened'>({ body }).public_key).toBeUndefined()
})

test('transactionFacts returns undefined for a member that is missing, null or of another type', () => {
  const log = { log_time: '2026-03-02T07:00:00.000Z', signature_counter: 7, signature: 'c2ln' }
  const adopted = { serial: 'a1', client: 'EDGE-1', transaction: 3, started: log, finished: null, process_data: null }
  expect(transactionFacts({ facts: adopted })).toMatchObject({
    ...{ serial: 'a1', client: 'EDGE-1', transaction: 3, started: log },
    ...{ finished: undefined, process_data: undefined, signature: undefined },
  })
  const forged = { serial: 7, transaction: '3', finished: 'x', started: { log_time: 7, signature_counter: '8' } }
  const nothing = { log_time: undefined, signature_counter: undefined, signature: undefined }
  expect(transactionFacts({ facts: forged })).toMatchObject({
    ...{ serial: undefined, transaction: undefined, finished: undefined },
    started: nothing,
  })
  expect(transactionFacts({})).toEqual({})
})

test('orphanTransaction returns the facts of the intent, or undefined without law or register', () => {
  expect(orphanTransaction({ facts: STRAY })).toEqual(STRAY)
  expect(orphanTransaction({ facts: { ...STRAY, operation_id: 'op_1', started_ms: 5 } })).toEqual({
    ...{ law: 'KassenSichV', register_id: 'reg_1', operation_id: 'op_1', started_ms: 5 },
  })
  for (const facts of [undefined, { law: 'KassenSichV' }, { ...STRAY, register_id: 7 }])
    expect(orphanTransaction({ facts })).toBeUndefined()
})

test('portionFacts returns the portion, or undefined if a member is wrong', () => {
  const portion = { file: 'read/a1/1-7.tar.gz', bytes: 900, sha256: 'ab', first_counter: 1, last_counter: 7 }
  expect(portionFacts({ facts: { device: 'tse-1', portion: true, ...portion, logs: 7 } })).toEqual(portion)
  for (const changed of [{ portion: false }, { file: 7 }, { bytes: '900' }, { first_counter: null }, { sha256: null }])
    expect(portionFacts({ facts: { portion: true, ...portion, ...changed } })).toBeUndefined()
})

test('withMarks keeps the facts of the event', () => {
  const claim = { id: 'id', print: 'print' }
  expect(withMarks(textEvent('a text'), { claim })).toEqual(textEvent('a text', { claim }))
})
