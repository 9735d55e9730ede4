import { expect, test } from 'vitest'
import { describeBooks } from '../../../../agent/journal/books/findings.ts'
import { LAW_BOOKS } from '../../../../agent/laws/law-books.ts'

import type { Line } from './rate-bons.ts'
import { Journal, NOW, REGISTER, signedAt } from './rate-bons.ts'

test.for([
  ['0.16', '16 %'],
  ['0.160', '16 %'],
  ['0.05', '5 %'],
  ['0.107', '10.7 %'],
  ['0.095', '9.5 %'],
  ['0.09', '9 %'],
  ['0.084', '8.4 %'],
  ['0.18', '18 %'],
] as const)('a signed sale at %s in 2026 has a rate that was not in force', ([rate, shown]) => {
  const found = new Journal().bon('op_1', { lines: [['11.90', rate]], ...NOW }).found()
  expect(found).toMatchObject([
    {
      code: 'tse_rate_implausible',
      level: 'error',
      seq: 4,
      register: REGISTER,
      serial: 'aa',
      transaction: 1,
      counter: 2,
    },
  ])
  expect(found[0]?.facts).toMatchObject({ bon: 1, at: '2026-11-26T10:00:00.000Z', rate: shown })
})

test('the finding says when, at which rate, and what the TSE secured', () => {
  const [signed] = new Journal().bon('op_1', { lines: [['11.07', '0.107']], ...NOW }).found()
  expect(signed && describeBooks(signed, 'de', LAW_BOOKS)).toBe(
    'Kasse reg_1: Bon 1 vom 2026-11-26 11:00:00: 10,7 % galt damals nicht; die TSE hat nur die Summe abgesichert. (tse_rate_implausible)',
  )
  const [unsigned] = new Journal().bon('op_1', { lines: [['11.60', '0.16']], at: NOW.at }).found()
  expect(unsigned && describeBooks(unsigned, 'de', LAW_BOOKS)).toContain(
    '16 % galt damals nicht; keine TSE hat ihn abgesichert.',
  )
  expect(unsigned && describeBooks(unsigned, 'en', LAW_BOOKS)).toContain('no TSE secured the receipt')
})

test.for(['0.19', '0.07', '0.078', '0.055', '0', '0.00', '0.190'])('a sale at %s in 2026 is not a finding', (rate) => {
  expect(new Journal().bon('op_1', { lines: [['11.90', rate]], ...NOW }).told()).toEqual([])
})

test.for([
  // The days of Berlin, two hours ahead in summer and one in winter; one day on each side.
  ['0.16', '2020-06-29T21:59:59.999Z', false],
  ['0.16', '2020-06-29T22:00:00.000Z', true],
  ['0.19', '2020-07-01T21:59:59.999Z', true],
  ['0.19', '2020-07-01T22:00:00.000Z', false],
  ['0.05', '2021-01-01T22:59:59.999Z', true],
  ['0.05', '2021-01-01T23:00:00.000Z', false],
  ['0.07', '2020-12-30T22:59:59.999Z', false],
  ['0.07', '2020-12-30T23:00:00.000Z', true],
] as const)('a sale at %s that was signed at %s is plausible: %s', ([rate, at, isPlausible]) => {
  const told = new Journal().bon('op_1', { lines: [['5.00', rate]], ...signedAt(at) }).told()
  expect(told.length === 0).toBe(isPlausible)
})

test('a table that was opened days before a change and paid days after it may have either rate', () => {
  const open = signedAt('2020-06-27T18:00:00.000Z', '2020-07-05T20:00:00.000Z')
  const lines: readonly Line[] = [
    ['11.90', '0.19'],
    ['11.60', '0.16'],
    ['5.00', '0.05'],
    ['7.00', '0.07'],
  ]
  expect(new Journal().bon('op_1', { lines, ...open }).told()).toEqual([])
})

test('the signed times count, whatever times the events got', () => {
  const lines: readonly Line[] = [['11.60', '0.16']]
  const edited = { ...NOW, at: '2020-08-01T10:00:00.000Z', endedAt: '2020-08-01T10:01:00.000Z' }
  expect(new Journal().bon('op_1', { lines, ...edited }).told()).toEqual([['tse_rate_implausible', 1, '16 %']])
  expect(new Journal().bon('op_1', { lines, ...NOW, suspect: 'begin' }).told()).toHaveLength(1)
  const honest = { ...signedAt('2020-08-01T10:00:00.000Z'), at: '2026-11-26T10:00:00.000Z' }
  expect(new Journal().bon('op_1', { lines, ...honest }).told()).toEqual([])
})

test('a bon in an outage has the times of its events, unless the clock was suspect at one of them', () => {
  const lines: readonly Line[] = [['11.60', '0.16']]
  const at = '2026-11-26T10:00:00.000Z'
  expect(new Journal().bon('op_1', { lines, at }).told()).toEqual([['tse_rate_implausible', 1, '16 %']])
  expect(new Journal().bon('op_1', { lines, at: '2020-08-01T10:00:00.000Z' }).told()).toEqual([])
  for (const suspect of ['begin', 'end'] as const)
    expect(new Journal().bon('op_1', { lines, at, suspect }).told()).toEqual([])
})

test('each rate of a bon is named once, lines of 0.00 and an abort are not compared, training is', () => {
  const lines: readonly Line[] = [
    ['1.16', '0.16'],
    ['2.32', '0.160'],
    ['1.05', '0.05'],
    ['0.00', '0.09'],
  ]
  const journal = new Journal().bon('op_1', { lines, ...NOW }).bon('op_2', { lines, ...NOW, status: 'voided' })
  expect(journal.told()).toEqual([
    ['tse_rate_implausible', 1, '16 %'],
    ['tse_rate_implausible', 1, '5 %'],
  ])
  expect(new Journal().bon('op_1', { lines, ...NOW, training: true }).told()).toHaveLength(2)
})

test('goods of an original that is elsewhere come back at any former rate, and are named with number and sum', () => {
  const journal = new Journal()
    .bon('op_1', { type: 'return', lines: [['-11.60', '0.16']], ...NOW })
    .bon('op_2', {
      type: 'exchange',
      lines: [
        ['-10.50', '0.05'],
        ['10.70', '0.07'],
      ],
      ...NOW,
    })
    .bon('op_3', {
      lines: [
        ['20.00', '0.07'],
        ['-1.16', '0.16'],
      ],
      ...NOW,
    })
    .bon('op_4', { type: 'return', lines: [['-11.90', '0.19']], ...NOW })
  expect(journal.told()).toEqual([['tse_rate_undated', 3, '-23.26']])
  expect(journal.found()).toMatchObject([{ level: 'note', register: REGISTER, seq: 12 }])
  const exchanged = new Journal().bon('op_1', {
    type: 'exchange',
    lines: [
      ['-5.00', '0.05'],
      ['11.60', '0.16'],
    ],
    ...NOW,
  })
  expect(exchanged.told()).toEqual([
    ['tse_rate_implausible', 1, '16 %'],
    ['tse_rate_undated', 1, '-5.00'],
  ])
  const never = new Journal().bon('op_1', { type: 'return', lines: [['-11.80', '0.18']], ...NOW })
  expect(never.told()).toEqual([['tse_rate_implausible', 1, '18 %']])
})

test('goods of an original in this journal come back at a rate of its time, and at no other', () => {
  const june = signedAt('2020-06-10T10:00:00.000Z')
  const august = signedAt('2020-08-10T10:00:00.000Z')
  const later = signedAt('2021-02-10T10:00:00.000Z')
  const sold = () =>
    new Journal()
      .bon('op_1', { lines: [['11.90', '0.19']], ...june })
      .bon('op_2', { lines: [['11.60', '0.16']], ...august })
      .bon('op_3', { lines: [['11.60', '0.16']], isOnline: true, ...august })
  const back = (related: string, rate: string, at: typeof june) =>
    sold()
      .bon('op_9', { type: 'return', related, lines: [['-1.00', rate]], ...at })
      .told()
  expect(back('op_1', '0.19', august)).toEqual([])
  expect(back('op_2', '0.16', later)).toEqual([])
  expect(back('op_3', '0.16', later)).toEqual([])
  expect(back('op_2', '0.05', later)).toEqual([])
  // 19 % is in force again.
  expect(back('op_2', '0.19', later)).toEqual([])
  expect(back('op_1', '0.16', later)).toEqual([['tse_rate_implausible', 3, '16 %']])
  expect(back('op_2', '0.107', later)).toEqual([])
  expect(back('op_2', '0.095', later)).toEqual([['tse_rate_implausible', 3, '9.5 %']])
})

test('goods of an unsecured sale come back at the rates that it was completed with, after its amendments', () => {
  const journal = (later: readonly Line[]) =>
    new Journal()
      .bon('op_0', { lines: [['1.00', '0.19']], ...NOW })
      .amended('op_1', { lines: [['1.00', '0.19']], later, ...NOW })
      .bon('op_2', { type: 'return', related: 'op_1', lines: [['-1.00', '0.16']], ...NOW })
      .told()
  expect(journal([['1.00', '0.16']])).toEqual([['tse_rate_undated', 1, '-1.00']])
  expect(journal([['1.00', '0.07']])).toEqual([['tse_rate_implausible', 2, '16 %']])
})

test('a line of a sale comes back at a rate of the original that it names, a line without one is named', () => {
  const sold = () =>
    new Journal()
      .bon('op_0', { lines: [['1.00', '0.19']], ...NOW })
      .bon('op_1', { lines: [['11.60', '0.16']], ...signedAt('2020-08-10T10:00:00.000Z') })
  const back = (rate: string, more: object) =>
    sold()
      .bon('op_9', {
        lines: [
          ['20.00', '0.19'],
          ['-1.00', rate, more],
        ],
        ...NOW,
      })
      .told()
  expect(back('0.16', { related_operation_id: 'op_1' })).toEqual([])
  expect(back('0.05', { related_operation_id: 'op_1' })).toEqual([])
  expect(back('0.16', { related_operation_id: 'op_0' })).toEqual([['tse_rate_implausible', 3, '16 %']])
  for (const more of [{}, { external_related_operation: { external_operation_id: '4711' } }])
    expect(back('0.16', more)).toEqual([['tse_rate_undated', 1, '-1.00']])
  const undone = sold()
    .bon('op_8', {
      lines: [
        ['20.00', '0.19'],
        ['-1.00', '0.16', { related_operation_id: 'op_1' }],
      ],
      ...NOW,
    })
    .bon('op_9', {
      type: 'void',
      related: 'op_8',
      lines: [
        ['-20.00', '0.19'],
        ['1.00', '0.16', { related_operation_id: 'op_1' }],
      ],
      ...NOW,
    })
  expect(undone.told()).toEqual([])
})

test('a void has the rates of its original, with their signs turned', () => {
  const journal = new Journal()
    .bon('op_1', { type: 'return', lines: [['-11.60', '0.16']], ...NOW })
    .bon('op_2', { type: 'void', related: 'op_1', lines: [['11.60', '0.16']], ...NOW })
    .bon('op_3', { lines: [['11.90', '0.19']], ...NOW })
    .bon('op_4', { type: 'void', related: 'op_3', lines: [['-11.90', '0.19']], ...NOW })
  expect(journal.told()).toEqual([['tse_rate_undated', 2, '0.00']])
  journal
    .bon('op_5', { lines: [['11.90', '0.19']], ...NOW })
    .bon('op_6', { type: 'void', related: 'op_5', lines: [['-11.90', '0.16']], ...NOW })
  expect(journal.told()).toEqual([
    ['tse_rate_implausible', 6, '16 %'],
    ['tse_rate_undated', 2, '0.00'],
  ])
})

test('a deposit is taken off at its own rate, and is valid again at it after the return of its capture', () => {
  const journal = new Journal()
    .bon('op_1', { type: 'deposit', lines: [['60.00', '0.16']], ...signedAt('2020-12-20T10:00:00.000Z') })
    .bon('op_2', {
      type: 'deposit_capture',
      related: 'op_1',
      lines: [
        ['119.00', '0.19'],
        ['-60.00', '0.16'],
      ],
      ...signedAt('2021-02-10T10:00:00.000Z'),
    })
    .bon('op_3', {
      type: 'return',
      related: 'op_2',
      lines: [
        ['-119.00', '0.19'],
        ['60.00', '0.16'],
      ],
      ...signedAt('2021-02-12T10:00:00.000Z'),
    })
  expect(journal.told()).toEqual([])
  journal.bon('op_4', { type: 'deposit', lines: [['60.00', '0.16']], ...signedAt('2021-02-13T10:00:00.000Z') })
  expect(journal.told()).toEqual([['tse_rate_implausible', 4, '16 %']])
})

test('a rate that only the configuration names is a note with number and sum', () => {
  const vat = [{ rate: '0.16' }]
  const journal = new Journal()
    .bon('op_1', {
      lines: [
        ['11.60', '0.16'],
        ['1.19', '0.19'],
      ],
      vat,
      ...NOW,
    })
    .bon('op_2', { lines: [['10.50', '0.05']], vat, ...NOW })
  expect(journal.told()).toEqual([
    ['tse_rate_implausible', 2, '5 %'],
    ['tse_rate_configured', 1, '11.60'],
  ])
})

test('a time that another event than the outcome of its start or finish names does not widen the time of a bon', () => {
  const lines: readonly Line[] = [['11.60', '0.16']]
  const edited = { lines, ...NOW, startedAt: '2020-08-01T10:00:00.000Z' }
  expect(new Journal().bon('op_1', edited).told()).toEqual([['tse_rate_implausible', 1, '16 %']])
})

test('sales that an edit makes voids of a return or of an unsecured sale at a former rate are named with their sum', () => {
  const sold = (type: string, related: string) => ({ type, related, lines: [['100.00', '0.16']] as const, ...NOW })
  const ofReturn = new Journal()
    .bon('op_1', { type: 'return', lines: [['-1.00', '0.16']], ...NOW })
    .bon('op_2', sold('void', 'op_1'))
    .bon('op_3', sold('return', 'op_2'))
  expect(ofReturn.told()).toEqual([['tse_rate_undated', 3, '199.00']])
  const ofUnsecured = new Journal()
    .bon('op_1', { lines: [['1.00', '0.16']], isOnline: true, ...NOW })
    .bon('op_2', sold('return', 'op_1'))
  expect(ofUnsecured.told()).toEqual([['tse_rate_undated', 1, '100.00']])
  for (const related of ['op_1', 'op_9', 'op_missing'])
    expect(
      new Journal()
        .bon('op_1', { lines: [['1.00', '0.19']], ...NOW })
        .bon('op_9', sold('void', related))
        .told(),
    ).toEqual([['tse_rate_implausible', 2, '16 %']])
})

test('goods of an original whose clock was suspect come back at any former rate, and are named', () => {
  const journal = new Journal()
    .bon('op_1', { lines: [['11.60', '0.16']], at: '2026-11-26T10:00:00.000Z', suspect: 'begin' })
    .bon('op_2', { type: 'return', related: 'op_1', lines: [['-11.60', '0.16']], ...NOW })
    .bon('op_3', { type: 'void', related: 'op_1', lines: [['-1.90', '0.19']], ...NOW })
  expect(journal.told()).toEqual([['tse_rate_undated', 1, '-11.60']])
})

test('a sale at a rate of the configuration and its return are named together', () => {
  const vat = [{ rate: '0.160' }]
  const journal = new Journal()
    .bon('op_1', { lines: [['11.60', '0.16']], vat, ...NOW })
    .bon('op_2', { type: 'return', related: 'op_1', lines: [['-5.00', '0.16']], vat, ...NOW })
  expect(journal.told()).toEqual([['tse_rate_configured', 2, '6.60']])
})

test.for(['0.16 ', ' 0.16', '+0.16', '00.16', '16', '1.6e-1', '0,16', '', 'NaN'])(
  'a rate that is written as "%s" is not in force, whatever kind it stands for',
  (rate) => {
    const journal = new Journal().bon('op_1', { lines: [['11.60', rate]], ...NOW })
    expect(journal.found()).toMatchObject([{ code: 'tse_rate_implausible', facts: { bon: 1 } }])
  },
)

test.for(['0.190', '0.19000', '0.070', '0.0', '0.00000', '0'])('a rate that is written as %s is in force', (rate) => {
  expect(new Journal().bon('op_1', { lines: [['11.90', rate]], ...NOW }).told()).toEqual([])
})
