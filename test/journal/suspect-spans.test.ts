import { expect, test } from 'vitest'
import type { Marks } from '../../agent/journal/events.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import { SuspectSpans, suspectTexts } from '../../agent/journal/verify/suspect-spans.ts'
import { systemClock } from '../../base/clock.ts'
import { verifyJournal } from '../verified-journal.ts'
import { markEvent } from './some-event.ts'
import { appendNote, openJournal, temporaryDirectory } from './temporary-journal.ts'

function append(journal: Journal, body: Marks, op = ''): Promise<number> {
  return journal.commit('outcome', (_view, seq) => ({ events: [markEvent(op, body)], result: seq }))
}

test('the spans of a wrong clock are listed from seq to seq, with the numbers of their receipts', async () => {
  const directory = await temporaryDirectory()
  let nowMs = Date.parse('2026-11-20T20:00:00Z')
  const clock = { ...systemClock, now: () => nowMs }
  const journal = await openJournal(directory, { clock })
  // A till's texts are not marks.
  for (const register of ['reg_1', 'reg_2'])
    await append(journal, { index: { kind: 'register' }, set: { metadata: { clock: 'suspect' } } }, register)
  nowMs = Date.parse('1970-01-01T00:00:10Z')
  const first = await append(journal, { receipt: { register: 'reg_1', number: 1 } })
  await append(journal, { receipt: { register: 'reg_2', number: 1 } })
  nowMs += 5000
  const last = await append(journal, { receipt: { register: 'reg_1', number: 2 } })
  nowMs = Date.parse('2026-11-20T20:01:00Z')
  await appendNote(journal, 'right')
  nowMs -= 3_600_000
  const alone = await appendNote(journal, 'an hour back')
  await journal.close()
  const { valid, findings, suspect, suspectCount } = await verifyJournal(directory)
  expect([valid, findings, suspectCount]).toEqual([true, [], 2])
  expect(suspect).toEqual([
    {
      ...{
        isAhead: false,
        fromSeq: first,
        toSeq: last,
        from: '1970-01-01T00:00:10.000Z',
        to: '1970-01-01T00:00:15.000Z',
      },
      receipts: [
        { register: 'reg_1', first: 1, last: 2 },
        { register: 'reg_2', first: 1, last: 1 },
      ],
    },
    {
      ...{
        isAhead: false,
        fromSeq: alone,
        toSeq: alone,
        from: '2026-11-20T19:01:00.000Z',
        to: '2026-11-20T19:01:00.000Z',
      },
      receipts: [],
    },
  ])
  expect(await verifyJournal(directory, { from: last + 1 })).toMatchObject({ suspectCount: 1 })
})

test('after a confirmation the span is that of the clock that ran ahead; what was marked since was right', async () => {
  const directory = await temporaryDirectory()
  let nowMs = Date.parse('2026-11-20T12:00:00Z')
  const journal = await openJournal(directory, { clock: { ...systemClock, now: () => nowMs } })
  await append(journal, { index: { kind: 'register' } }, 'reg_1')
  await append(journal, { receipt: { register: 'reg_1', number: 1 } })
  nowMs = Date.parse('2026-11-20T15:00:00Z')
  const first = await append(journal, { receipt: { register: 'reg_1', number: 2 } })
  nowMs += 600_000
  const last = await append(journal, { receipt: { register: 'reg_1', number: 3 } })
  nowMs = Date.parse('2026-11-20T12:10:00Z')
  const marked = await append(journal, { receipt: { register: 'reg_1', number: 4 } })
  nowMs = Date.parse('1970-01-01T00:00:10Z')
  const lost = await append(journal, { receipt: { register: 'reg_1', number: 5 } })
  nowMs = Date.parse('2026-11-20T12:11:00Z')
  await append(journal, { receipt: { register: 'reg_1', number: 6 } })
  const reported = async (): Promise<unknown> => {
    await journal.untilFree()
    const { suspect, suspectCount } = await verifyJournal(directory)
    return [suspectCount, suspect.map(({ isAhead, fromSeq, toSeq }) => [isAhead, fromSeq, toSeq])]
  }
  // Before: what came after the step is named, in three pieces.
  expect(await reported()).toEqual([
    3,
    [
      [false, marked, marked],
      [false, lost, lost],
      [false, lost + 1, lost + 1],
    ],
  ])
  nowMs = Date.parse('2026-11-20T12:12:00Z')
  const facts = { from: '2026-11-20T15:10:00.000Z', to: '2026-11-20T12:12:00.000Z', by: 'ntp' }
  await journal.record(() => [{ kind: 'clock.confirmed', op: 'clock', body: { clock: 'right', facts } }])
  await append(journal, { receipt: { register: 'reg_1', number: 7 } })
  await journal.close()
  const { valid, suspect, suspectCount } = await verifyJournal(directory)
  expect([valid, suspectCount, suspect]).toEqual([
    true,
    2,
    [
      {
        ...{ isAhead: true, fromSeq: first, toSeq: last },
        ...{ from: '2026-11-20T15:00:00.000Z', to: '2026-11-20T15:10:00.000Z' },
        receipts: [{ register: 'reg_1', first: 2, last: 3 }],
      },
      {
        ...{ isAhead: false, fromSeq: lost, toSeq: lost },
        ...{ from: '1970-01-01T00:00:10.000Z', to: '1970-01-01T00:00:10.000Z' },
        receipts: [{ register: 'reg_1', first: 5, last: 5 }],
      },
    ],
  ])
  expect(suspectTexts({ list: suspect, count: suspectCount })).toEqual([
    expect.stringMatching(/^the clock was ahead: seq \d+ to \d+, .* \(clock_suspect\)$/),
    expect.stringMatching(/^the clock was slow or implausible: seq /),
  ])
})

test('twenty spans are listed and all are counted', async () => {
  const directory = await temporaryDirectory()
  let nowMs = Date.parse('2026-11-20T20:00:00Z')
  const journal = await openJournal(directory, { clock: { ...systemClock, now: () => nowMs } })
  for (let steps = 0; steps < 42; steps++) {
    nowMs += steps % 2 === 0 ? -3_600_000 : 3_600_001
    await appendNote(journal, 'a note')
  }
  await journal.close()
  const { suspect, suspectCount } = await verifyJournal(directory)
  expect([suspect.length, suspectCount]).toEqual([20, 21])
})

test('a span of a foreign file leaves out a receipt of another type', () => {
  for (const receipt of [
    null,
    7,
    'text',
    [],
    {},
    { register: 7, number: 1 },
    { register: 'reg_1', number: { toString: 7 } },
  ]) {
    const spans = new SuspectSpans()
    spans.note({ seq: 1, at: '', body: JSON.stringify({ clock: 'suspect', receipt }) })
    expect([spans.count, spans.list[0]?.receipts]).toEqual([1, []])
  }
})
