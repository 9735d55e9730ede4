import { expect, test } from 'vitest'
import type { NewEvent } from '../../agent/journal/events.ts'
import { claimedFacts, factsOf, withMarks } from '../../agent/journal/events.ts'
import { portionFacts } from '../../agent/journal/portion-facts.ts'
import { strayTransaction, transactionFacts } from '../../agent/journal/transaction-facts.ts'
import { telling } from './some-event.ts'

const SERVICE = { device: 'tse-1', act: 'self-test' }
const STRAY = { law: 'KassenSichV', register_id: 'reg_1', operation_id: null }

test('an event that forgets or misspells a fact, or has one that its kind does not, does not compile', () => {
  const events: readonly NewEvent[] = [
    { kind: 'device.serviced', op: 'tse-1', body: { note: SERVICE } },
    // @ts-expect-error: it does not say what was done.
    { kind: 'device.serviced', op: 'tse-1', body: { note: { device: 'tse-1' } } },
    // @ts-expect-error: a member that is not called so.
    { kind: 'device.serviced', op: 'tse-1', body: { note: { ...SERVICE, arguments: 'EDGE-1' } } },
    // @ts-expect-error: it tells nothing.
    { kind: 'device.serviced', op: 'tse-1', body: {} },
    // @ts-expect-error: a completed operation has marks, and the organization of a request.
    { kind: 'operation.completed', op: 'op_1', body: { note: SERVICE } },
    // @ts-expect-error: facts of another kind.
    { kind: 'transaction.abort_intended', op: '', body: { note: { from: '', to: '', by: '' } } },
    { kind: 'operation.completed', op: 'op_1', body: { note: { organization: 'org_1' } } },
    { kind: 'tse.archived', op: 'tse_a1', body: { set: { archives: [] } } },
  ]
  expect(events).toHaveLength(8)
})

test('the facts of a stored event are read by its kind; what an older program did not tell is missing', () => {
  const stored = (kind: string, body: object) => ({ kind, body: JSON.stringify(body) })
  const down = stored('device.down', { note: { device: 'tse-1', state: 'down', code: 'timeout' } })
  expect(factsOf(down, 'device.ready', 'device.down')).toEqual({ device: 'tse-1', state: 'down', code: 'timeout' })
  expect(factsOf(down, 'device.down')?.silent_ms).toBeUndefined()
  expect(factsOf(down, 'device.ready')).toBeUndefined()
  expect(factsOf(stored('device.down', {}), 'device.down')).toEqual({})
  expect(factsOf(stored('duty.sent', { note: { code: 'x' } }), 'device.down')).toBeUndefined()
})

test('of a file that anybody wrote nothing is believed: what is no object has no facts', () => {
  for (const note of [null, 7, 'journal.opened', undefined])
    expect(claimedFacts<'journal.opened'>({ note }).publicKey).toBeUndefined()
  expect(claimedFacts<'journal.opened'>({ note: { publicKey: 7 } }).publicKey).toBe(7)
})

test('what is told of a transaction is read by its members, and a member of another type is none', () => {
  const log = { log_time: '2026-03-02T07:00:00.000Z', signature_counter: 7, signature: 'c2ln' }
  const adopted = { serial: 'a1', client: 'EDGE-1', transaction: 3, started: log, finished: null, process_data: null }
  expect(transactionFacts({ note: adopted })).toMatchObject({
    ...{ serial: 'a1', client: 'EDGE-1', transaction: 3, started: log },
    ...{ finished: undefined, process_data: undefined, signature: undefined },
  })
  const forged = { serial: 7, transaction: '3', finished: 'x', started: { log_time: 7, signature_counter: '8' } }
  const nothing = { log_time: undefined, signature_counter: undefined, signature: undefined }
  expect(transactionFacts({ note: forged })).toMatchObject({
    ...{ serial: undefined, transaction: undefined, finished: undefined },
    started: nothing,
  })
  expect(transactionFacts({})).toEqual({})
})

test('the intent of an abort tells all that its outcome repeats, or is of none', () => {
  expect(strayTransaction({ note: STRAY })).toEqual(STRAY)
  expect(strayTransaction({ note: { ...STRAY, operation_id: 'op_1', started_ms: 5 } })).toEqual({
    ...{ law: 'KassenSichV', register_id: 'reg_1', operation_id: 'op_1', started_ms: 5 },
  })
  for (const note of [undefined, { law: 'KassenSichV' }, { ...STRAY, register_id: 7 }])
    expect(strayTransaction({ note })).toBeUndefined()
})

test('a portion of logs is named by all that finds its file', () => {
  const portion = { file: 'read/a1/1-7.tar.gz', bytes: 900, sha256: 'ab', first_counter: 1, last_counter: 7 }
  expect(portionFacts({ note: { device: 'tse-1', portion: true, ...portion, logs: 7 } })).toEqual(portion)
  for (const changed of [{ portion: false }, { file: 7 }, { bytes: '900' }, { first_counter: null }, { sha256: null }])
    expect(portionFacts({ note: { portion: true, ...portion, ...changed } })).toBeUndefined()
})

test('marks are added to an event beside its facts', () => {
  const claim = { id: 'id', print: 'print' }
  expect(withMarks(telling('a text'), { claim })).toEqual(telling('a text', { claim }))
})
