import { expect, test } from 'vitest'
import { Books } from '../../agent/journal/books/books.ts'
import { isExplained, uncompared } from '../../agent/journal/books/restores.ts'
import type { EventBody, Members } from '../../agent/journal/events.ts'

type Given = { kind: string; op?: string; body: EventBody }

const SERIAL = 'ab'.repeat(32)
const UNIT = `tse_${SERIAL}`

function opening(epoch: number, more: Members = {}): Given {
  const facts = { chainId: String(epoch), agentId: 'a', epoch, publicKey: '', ...more }
  return { kind: 'journal.opened', body: { facts } }
}

function restored(epoch: number, more: Members = {}): Given {
  return opening(epoch, { reason: 'restore', backup_created_at: '2026-03-01T08:00:00.000Z', lost: 'unknown', ...more })
}

const enrolled: Given = { kind: 'unit.enrolled', body: { enrolled: { device: 'tse-1', serial: SERIAL } } }
const signed: Given[] = [{ kind: 'act.intended', op: 'op_1', body: { act: { device: 'tse-1', name: 'sign' } } }]
const BEFORE = [opening(1), enrolled, ...signed, archived('1-100', 1, 100)]

function archived(file: string, first: number, last: number): Given {
  const archive = { file, sha256: '00', first_counter: first, last_counter: last }
  return { kind: 'tse.archived', op: UNIT, body: { set: { archives: [archive] } } }
}

function portion(first: number, last: number): Given {
  const facts = { device: 'tse-1', portion: true, file: `read/${first}`, bytes: 1, sha256: '00', logs: 1 }
  return { kind: 'tse.archived', op: UNIT, body: { facts: { ...facts, first_counter: first, last_counter: last } } }
}

function adopted(more: Members = {}): Given {
  return { kind: 'tse.adopted', op: 'tse-1', body: { facts: { device: 'tse-1', transactions: [], ...more } } }
}

function confirmed(reason: string | undefined, epoch = 2): Given {
  return {
    kind: 'duty.confirmed',
    op: `confirmation_epoch-${epoch}`,
    body: { set: reason === undefined ? {} : { reason } },
  }
}

function restoresAfter(...given: Given[]) {
  const books = new Books('salt', [])
  for (const [index, { kind, op = '', body }] of given.entries())
    books.note({ seq: index + 1, kind, op, at: '2026-03-02T08:00:00.000Z', body: JSON.stringify(body) })
  return books.restores.all()
}

function explained(...given: Given[]): boolean[] {
  return restoresAfter(...BEFORE, ...given).map(isExplained)
}

/** True for each restore after which every unit was compared. */
function compared(...given: Given[]): boolean[] {
  return restoresAfter(...BEFORE, ...given).map((restore) => uncompared(restore).length === 0)
}

test.each<[string, Given[], boolean]>([
  ['nothing', [], false],
  ['a take-over of all', [adopted()], true],
  ['a take-over of a part', [adopted({ part: true })], false],
  ['a part, and the rest by a later command', [adopted({ part: true }), adopted()], false],
  ['counters that were passed over', [adopted({ signature_counters: { from: 101, to: 120 } }), adopted()], false],
  ['logs from the next counter on', [portion(101, 140)], true],
  ['a part, and then logs without a gap', [adopted({ part: true }), portion(90, 140)], true],
  ['logs after a gap', [portion(103, 140)], false],
  ['logs that end before the backup', [portion(1, 80)], false],
  ['the archive that the backup had', [archived('1-100', 1, 100)], false],
  ['a new archive', [archived('1-140', 1, 140)], true],
])('after a restore, %s: compared %s', (_, given, isCompared) => {
  expect(compared(restored(2), ...given)).toEqual([isCompared])
  // A unit never shows what was sold without it.
  expect(explained(restored(2), ...given)).toEqual([false])
})

test.each<[string, Given[], boolean]>([
  ['a confirmation without a reason', [confirmed(undefined)], false],
  ['a reason of spaces', [confirmed('  ')], false],
  ['a reason of one letter', [confirmed('x')], true],
  ['a reason that follows later', [confirmed(undefined), confirmed('x')], true],
  ['a reason of another epoch', [confirmed('x', 3)], false],
])('after a restore, %s: explained %s', (_, given, isReason) => {
  expect(explained(restored(2), ...given)).toEqual([isReason])
})

test('neither a backup that ended the journal nor the word of a technician explains a restore', () => {
  expect(explained(restored(2, { lost: 'nothing' }))).toEqual([false])
  expect(explained(restored(2, { lost: 'nothing' }), adopted())).toEqual([false])
  expect(explained(restored(2, { lost: 'nothing_by_word' }))).toEqual([false])
})

const spare: Given = { kind: 'unit.enrolled', body: { enrolled: { device: 'tse-2', serial: 'cd' } } }
const retired: Given = { kind: 'tse.retired', op: UNIT, body: { enrolled: { device: 'tse-1', serial: null } } }

test('a restore is reported with its facts; a unit that was retired before it is not asked', () => {
  const facts = { seq: 6, epoch: 2, madeAt: '2026-03-01T08:00:00.000Z', lost: 'unknown', filled: 7, isUnsealed: true }
  expect(restoresAfter(...BEFORE, retired, restored(2, { sealed: false, events_filled: 7 }))).toMatchObject([
    { ...facts, units: [] },
  ])
})

test('a unit that never acted must be compared too', () => {
  const units = [{ device: 'tse-1' }, { device: 'tse-2' }]
  expect(restoresAfter(...BEFORE, spare, restored(2))).toMatchObject([{ units }])
  expect(compared(spare, restored(2), adopted())).toEqual([false])
  expect(compared(spare, restored(2), adopted(), adopted({ device: 'tse-2' }))).toEqual([true])
})

/** A unit that was connected, and that no register used. */
const seen: Given = { kind: 'tse.facts_recorded', op: 'tse_cd', body: { set: { device: 'tse-2', serial: 'cd' } } }
const seenLeft: Given = { kind: 'tse.retired', op: 'tse_cd', body: { enrolled: { device: 'tse-2', serial: null } } }

test('a unit that was only connected must be compared too, until it is retired', () => {
  expect(restoresAfter(...BEFORE, seen, restored(2))).toMatchObject([
    { units: [{ device: 'tse-1' }, { device: 'tse-2', serial: 'cd' }] },
  ])
  expect(compared(seen, restored(2), adopted())).toEqual([false])
  expect(compared(seen, seenLeft, restored(2), adopted())).toEqual([true])
})

test('a unit that another one replaced is not asked', () => {
  const other: Given = { kind: 'unit.enrolled', op: 'unit_ef', body: { enrolled: { device: 'tse-1', serial: 'ef' } } }
  expect(restoresAfter(...BEFORE, other, restored(2))).toMatchObject([{ units: [{ device: 'tse-1', serial: 'ef' }] }])
})

test('after a backup of before the first act an enrolled unit is asked', () => {
  const early = restoresAfter(opening(1), enrolled, restored(2))
  expect(early).toMatchObject([{ units: [{ device: 'tse-1', isCompared: false }] }])
  expect(restoresAfter(opening(1), restored(2), confirmed('x')).map(isExplained)).toEqual([true])
})

test('a comparison after a second restore holds for the first one too', () => {
  expect(compared(restored(2), restored(3))).toEqual([false, false])
  expect(compared(restored(2), restored(3), adopted())).toEqual([true, true])
  expect(compared(restored(2), adopted(), restored(3))).toEqual([true, false])
})

test('an epoch that a target began is listed with its cause and its reason, without a backup', () => {
  const setBack = opening(2, { reason: 'rollback', target: 'cloud' })
  expect(restoresAfter(...BEFORE, setBack, confirmed('Snapshot'))).toMatchObject([
    { cause: 'rollback', epoch: 2, madeAt: '', reason: 'Snapshot' },
  ])
})
