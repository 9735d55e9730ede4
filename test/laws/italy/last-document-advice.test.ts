import { describe, expect, test } from 'vitest'
import type { Compared } from '../../../agent/laws/italy/last-document-advice.ts'
import { comparison } from '../../../agent/laws/italy/last-document-advice.ts'

const SERIAL = '72IV6000001'
const BASELINE = { serial: SERIAL, z: 141, number: 3, non_fiscal: 0, restores: 0, at: '2026-11-20T20:00:00' }
const IN_DOUBT = { operation: 'op_B', reference: '01ABCDEFGHJK', baseline: BASELINE }

function compared(number: number | undefined, reference: string | undefined, more: Partial<Compared> = {}) {
  const last = number === undefined ? undefined : { z: 142, number, reference }
  const recorded = { z: 142, number: 3, operation: 'op_A' }
  const report = { serial: SERIAL, last, closures: 141 }
  return comparison({
    device: 'rt-1',
    enrolled: SERIAL,
    report,
    recorded,
    known: undefined,
    unresolved: undefined,
    ...more,
  })
}

describe('the advice to a person about an unresolved document', () => {
  test.each([
    ['not printed yet', 3, undefined, 'Operation op_B is not printed yet'],
    ['not printed yet in a period without a document', undefined, undefined, 'Operation op_B is not printed yet'],
    ['printed, by its reference', 4, IN_DOUBT.reference, 'Operation op_B is printed as 0142-0004'],
    ['to look at the paper, where others were printed since', 5, undefined, 'look for REF 01ABCDEFGHJK on the paper'],
  ])('%s', (_, number, reference, sentence) => {
    const { agrees, advice } = compared(number, reference, { unresolved: IN_DOUBT })
    expect(agrees).toBeNull()
    expect(advice).toContain(sentence)
    expect(advice).toContain('repeat the same completion, and do not key it in')
  })

  test('the advice for an annulment, which carries no reference', () => {
    const { advice } = compared(4, undefined, { unresolved: { ...IN_DOUBT, reference: undefined } })
    expect(advice).toContain('look for its annulment on the paper')
  })
})

test('a document with a reference unknown to the journal is one of another agent or of before a restored backup', () => {
  const { agrees, advice } = compared(9, '01XXXXXXXXXX')
  expect(agrees).toBe(false)
  expect(advice).toContain('another one sells on rt-1, or an older backup was restored')
})

test('a document without a reference may be one that a restored backup misses', () => {
  const { agrees, advice } = compared(9, undefined)
  expect(agrees).toBe(false)
  expect(advice).toContain('keyed in at the printer, or the journal lost it (an older backup was restored)')
  expect(advice).toContain('sell nothing twice')
})

test('a printer that was not used yet may report the last document of a closed period', () => {
  const report = { serial: SERIAL, last: { z: 140, number: 7, reference: undefined }, closures: 141 }
  expect(compared(7, undefined, { report, recorded: undefined })).toEqual({
    agrees: true,
    advice: 'Nothing was printed since closing 0141: nothing is missing.',
  })
})

test('a printer whose memory ends before the journal does does not sell any longer', () => {
  expect(compared(2, undefined)).toMatchObject({
    agrees: false,
    advice: expect.stringContaining('ends with 0142-0002'),
  })
})

test('a printer that does not answer is described by the expected end of its paper', () => {
  const { agrees, advice } = compared(undefined, undefined, {
    report: { trouble: { message: 'no answer within 10 s' } },
  })
  expect(agrees).toBeNull()
  expect(advice).toBe(
    'The printer does not report it: no answer within 10 s. Its paper should end with 0142-0003. Fix that first: "fiskal-edge device status rt-1".',
  )
})

describe('documents after the last one of the journal', () => {
  const keyed = { z: 142, number: 5, reference: undefined }
  const ours = { z: 142, number: 4, reference: '01XXXXXXXXXX' }
  const newest = { z: 142, number: 3 }

  test('one of an agent before a keyed one is an error that names it', () => {
    const newer = { documents: [ours, keyed], unread: undefined }
    const { level, advice } = compared(5, undefined, { known: newest, newer })
    expect(level).toBe('error')
    expect(advice).toContain('0142-0004 carries REF 01XXXXXXXXXX')
  })

  test('a closing after them ends their period and hides none', () => {
    const report = { serial: SERIAL, last: undefined, closures: 142 }
    expect(
      compared(undefined, undefined, { known: newest, report, newer: { documents: [ours], unread: undefined } }),
    ).toMatchObject({
      ...{ agrees: false, code: 'rt_memory_ahead', level: 'error' },
      advice: expect.stringContaining('The printer ended with 0142-0004'),
    })
    const agreed = compared(undefined, undefined, {
      known: newest,
      report,
      newer: { documents: [], unread: undefined },
    })
    expect(agreed.agrees).toBe(true)
  })

  test('an unresolved document may be one of them', () => {
    const newer = { documents: [ours, keyed], unread: undefined }
    expect(compared(5, undefined, { known: newest, newer, unresolved: IN_DOUBT }).agrees).toBeNull()
  })

  test('after a restore they are those of the restore', () => {
    const newer = { documents: [ours], unread: undefined }
    const { level, advice } = compared(4, ours.reference, { known: { ...newest, isRestored: true }, newer })
    expect(level).toBe('note')
    expect(advice).toContain('The journal was restored since')
  })
})
