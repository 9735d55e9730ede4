import { expect, test } from 'vitest'
import { EVER } from '../../agent/cli/arguments/range.ts'
import { clockNotes } from '../../agent/cli/audit/clock-notes.ts'
import { failureWords } from '../../agent/cli/audit/failure-words.ts'
import { journalPart } from '../../agent/cli/audit/journal-part.ts'
import { newerFound } from '../../agent/cli/audit/newer-documents.ts'
import { NOTE_TEXTS } from '../../agent/cli/audit/note-texts.ts'
import { notedParts } from '../../agent/cli/audit/notes.ts'
import { REPORT_TEXTS } from '../../agent/cli/audit/report-texts.ts'
import { mainWords } from '../../agent/cli/audit/report-words.ts'
import { restoreParts } from '../../agent/cli/audit/restore-parts.ts'
import { leftParts, witnessParts } from '../../agent/cli/audit/targets-part.ts'
import { UNPROVEN_TEXTS } from '../../agent/cli/audit/unproven-texts.ts'
import { CHAPTER_TEXTS } from '../../agent/cli/audit/unsold-texts.ts'
import { sentenceOf } from '../../agent/cli/checks/target-texts.ts'
import { journalSummary } from '../../agent/cli/verify/summaries.ts'
import { ERRORS, FiskalError } from '../../agent/errors.ts'
import { BookFindings, describeBooks } from '../../agent/journal/books/findings.ts'
import { TEXTS } from '../../agent/laws/italy/books/texts.ts'
import { LAWS } from '../../agent/laws/laws.ts'
import { GERMAN } from '../texts/law-words.ts'

const LAW = LAWS.find(({ audit }) => audit?.unsold.language === 'it')
const REGISTER = { id: 'reg_1', name: 'Cassa 1', fiscal_device: 'rt-1', fiscalization: { regime: LAW?.name } }
const SHOP = { registers: [REGISTER] } as unknown as Parameters<typeof mainWords>[0]
const AT = '2026-11-20T15:00:00.000Z'

function german(...texts: readonly unknown[]): string[] {
  return texts
    .map((text) => JSON.stringify(text).replaceAll(/"(?:DSFinV|verfahrens)[^"]*"/g, ''))
    .join('\n')
    .split(/["\n]/)
    .filter((text) => GERMAN.test(text))
}

test('no table of the Italian report has German words', () => {
  const tables = [REPORT_TEXTS, NOTE_TEXTS, UNPROVEN_TEXTS, CHAPTER_TEXTS].map(({ it }) => it)
  expect(german(...tables, LAW?.audit)).toEqual([])
  // The rule finds what it looks for.
  expect(german(REPORT_TEXTS.de).length).toBeGreaterThan(10)
})

test('no finding of the books that an Italian shop can have is German', () => {
  const common = ['receipt_number_gap', 'receipt_numbers_twice', 'session_cash_differs', 'operation_changed']
  const books = new BookFindings([{ texts: TEXTS }])
  for (const code of [...common, ...Object.keys(TEXTS)])
    books.add(code, 1, { register: 'K1', from: 1, to: 2, cosa: 'i numeri', was: 'die Nummern', at: AT })
  const sentences = books.all().map((finding) => describeBooks(finding, 'it', [{ texts: TEXTS }]))
  expect(sentences.length).toBeGreaterThan(16)
  expect(german(...sentences)).toEqual([])
})

test('no note of an Italian shop is German, whatever happened', () => {
  const count = { operation_id: 'op_1', receipt_number: '7', amount: '1.00', by: 'Anna' }
  const session = { register_id: 'reg_1', session_id: 'ses_1', seq: 3, opened_at: AT, bons: 2, total_amount: '1.00' }
  const article = { type: 'item', sku_identifier: 'pane', rate: '0.1', sold: '1', returned: '2' }
  const beyond = { code: 'returned_beyond_sale', message: '', sold: '1.00', returned: '2.00', unpaid: '1.00' }
  const notes = {
    ...{ left_out: [], posted_elsewhere: [], waiting_bons: [], open_sessions: [session, session] },
    online: { operations: 2, total_amount: '3.00' },
    returned_beyond_sale: [{ ...beyond, ...count, articles: [{ ...article, paid: '1.00', given_back: '2.00' }] }],
    drawer_below_zero: [{ code: 'x', message: '', ...session, expected_amount: '-1.00' }],
    corrected_counts: [{ register_id: 'reg_1', corrected_at: AT, minutes: 2, ...count, before: count }],
    interim_counts: [{ register_id: 'reg_1', counted_at: AT, ...count, expected: '1.00', difference: '0.00' }],
    issued: { paper: 1, digital: 1, paper_and_digital: 1, e_invoice: 1, none: 1, unsaid: 1 },
    voucher_beyond_sale: [{ gift_card_id: 'B1', put_on: '1.00', taken_off: '2.00' }],
    unsettled: (['deposit', 'claim', 'voucher'] as const).map((what) => ({
      ...{ what, operation_id: 'op_1', receipt_number: null, completed_at: AT, left_amount: '1.00' },
    })),
    open_operations: [{ operation_id: 'op_1', register_id: 'reg_1', created_at: AT, total_amount: '1.00' }],
    open_groups: [{ allocation_group: '7', location_id: 'loc_1', first_order_at: AT, orders: 2 }],
  } as unknown as Parameters<typeof notedParts>[0]
  const parts = notedParts(notes, mainWords(SHOP))
  expect(parts.map(({ name }) => name)).toHaveLength(9)
  expect(german(...parts)).toEqual([])
})

test('no part about the journal, its restores, its targets and its printer is German', () => {
  const suspect = [{ fromSeq: 1, toSeq: 2, from: AT, to: AT, isAhead: true, receipts: [] }]
  const clock = clockNotes({ suspect, suspectCount: 3 }, SHOP)
  const finding = { part: 'checkpoint', seq: 1, last: 2, what: 'a text', code: 'head_unsigned' }
  const journal = { events: 9, checkpoints: 1, findings: [finding], notes: [finding, { ...finding, last: undefined }] }
  const report = { valid: false, codes: [], ...journal } as unknown as Parameters<typeof journalPart>[0]
  const unit = { device: 'rt-1', serial: '72IV', isCompared: false, receipts: 2, cents: 100 }
  const restored = { cause: 'restore', seq: 2, at: AT, epoch: 2, madeAt: AT, lost: 'unknown', filled: 2 } as const
  const restores = [
    { ...restored, isPutBack: false, isUnsealed: true, units: [unit] },
    { ...restored, isPutBack: true, isUnsealed: false, units: [], lost: 'nothing_by_word', reason: 'guasto' },
  ]
  const left = { target: 'cloud', epoch: 1, endedBy: 'restore', first: 1, last: 2, task: 'epoch-2', isProven: true }
  const leftEvents = [
    { ...left, reason: undefined },
    { ...left, endedBy: 'rollback', reason: 'guasto', isProven: false },
  ]
  const names = ['gone', 'silent', 'uncompared', 'nothing', 'remade', 'copied', 'otherKey', 'changed', 'ahead'] as const
  const others = ['same', 'vouched', 'dismissed', 'replaced', 'forked', 'proven', 'unproven', 'signed'] as const
  const sentences = [...names, ...others].map((name) => sentenceOf(name))
  const verdicts = [{ target: 'cloud', address: 'x', state: 'failure' as const, sentences }]
  const document = { document_number: '0142-0002', document_type: 'sale', printed_at: AT, total_amount: '1.00' }
  const newer = {
    documents: [
      { ...document, reference: null },
      { ...document, reference: 'R' },
    ],
    ...{ unread: { first: '0142-0003', last: '0142-0004', count: 2 }, uncounted: ['0143', '0144'] },
  }
  const printer = { serial: '72IV', printer: null, journal: null, agrees: false, in_doubt: null, newer }
  const texts = [
    ...[clock, journalPart(report, clock, 'it'), restoreParts(restores, EVER, SHOP)],
    ...[leftParts({ leftEvents, silent: ['cloud'] }, 'it'), witnessParts({ verdicts }, 'it')],
    newerFound({ ...printer, code: 'rt_memory_ahead', level: 'error' }),
    journalSummary({ events: 9, firstSeq: 1, lastSeq: 9, epoch: 2, isUnsignedPart: true }).it,
  ]
  expect(german(...texts)).toEqual([])
})

test('no failure in the report of an Italian shop is German', () => {
  const codes = Object.keys(ERRORS) as (keyof typeof ERRORS)[]
  const words = codes.map((code) => failureWords(new FiskalError(code, 'x'), 'it'))
  expect(german(...words)).toEqual([])
  expect(failureWords(new FiskalError('storage_unavailable', 'ENOSPC'), 'it')).toBe(
    'Il disco è pieno o guasto. Testo (inglese): «ENOSPC» (storage_unavailable)',
  )
})
