// @module-tag heavy
import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { count, countedFrancs, frankSale } from '../e2e/germany/foreign-cash.ts'
import { closing } from '../e2e/shift.ts'
import { insiderAt } from '../edited-states.ts'
import { verifyJournal } from '../verified-journal.ts'
import { findingsAfter, retold } from './insider.ts'

// The insider takes francs out of the drawer and edits the journal so that nothing is missing.

async function frankDay(bench: Bench) {
  const register = await bench.till('50.00')
  const sale = await frankSale(register)
  const counted = await count(register, '46.40', [countedFrancs('20.00')])
  const closed = await register.till.create(closing(register, '0.00'))
  return { register, sale, counted, closed }
}

/** The codes after texts of the events of an operation were replaced. */
function codesAfter(bench: Bench, id: string | undefined, ...edits: readonly [from: string, to: string][]) {
  const edited = (text: string): string => edits.reduce((body, [from, to]) => body.replaceAll(from, to), text)
  return findingsAfter(bench, (line) => (id === undefined || line.op === id ? retold(line, edited) : line))
}

test('francs that a sale brought and its drawer no longer has are found by its payments', async () => {
  await using bench = await Bench.open({ edits: true })
  const { sale } = await frankDay(bench)
  const codes = await codesAfter(bench, sale.id, ['{"base":1860,"units":2000}', '{"base":930,"units":1000}'])
  expect(codes).toMatchObject([
    { code: 'bon_cash_differs', facts: { stated: '-3.60, CHF 10.00 (9.30)', counted: '-3.60, CHF 20.00 (18.60)' } },
    { code: 'session_cash_differs' },
  ])
})

test('a count that expects fewer francs than came in is found by the bons of its session', async () => {
  await using bench = await Bench.open({ edits: true })
  const { counted } = await frankDay(bench)
  const codes = await codesAfter(bench, counted.id, ['"expected_amount":"20.00"', '"expected_amount":"10.00"'])
  const row = 'CHF 20.00 → CHF 20.00 (18.60), CHF 0.00'
  const facts = { counted: `${row}; ${row}; –` }
  expect(codes).toMatchObject([{ code: 'session_cash_differs', facts }, { code: 'session_cash_differs' }])
})

test('francs that a close takes out unsaid differ from its signed text and from the count', async () => {
  await using bench = await Bench.open({ edits: true })
  const { closed } = await frankDay(bench)
  const codes = await codesAfter(bench, closed.id, ['{"base":-1860,"units":-2000}', '{"base":-930,"units":-1000}'])
  expect(codes.map(({ code }) => code).sort()).toEqual(['session_cash_differs', 'tse_amounts_differ'])
})

test('a sale in francs that was edited is not what its TSE was asked to secure', async () => {
  await using bench = await Bench.open({ edits: true })
  const { sale } = await frankDay(bench)
  const codes = await codesAfter(bench, sale.id, ['"amount":"20.00"', '"amount":"10.00"'])
  expect(codes.map(({ code }) => code).sort()).toEqual(['bon_cash_differs', 'tse_amounts_differ'])
  const facts = {
    stated: 'Beleg^15.00_0.00_0.00_0.00_0.00^-3.60:Bar_20.00:Bar:CHF',
    counted: 'Beleg^15.00_0.00_0.00_0.00_0.00^-3.60:Bar_10.00:Bar:CHF',
  }
  expect(codes).toEqual(expect.arrayContaining([expect.objectContaining({ facts: expect.objectContaining(facts) })]))
})

test('francs taken out of the table of sessions are counted by the events, and reported', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await frankSale(register)
  await bench.restart(async () => insiderAt(bench.config.state).run('UPDATE session SET foreign_cash = NULL'))
  expect((await verifyJournal(bench.config.state)).codes).toMatchObject([{ code: 'projections_differ' }])
  expect(await count(register, '46.40', [countedFrancs('20.00')])).toMatchObject({ closing_cashcount_diff: '0.00' })
})

test('an honest day with francs has no finding', async () => {
  await using bench = await Bench.open({ edits: true })
  await frankDay(bench)
  expect(await codesAfter(bench, undefined)).toEqual([])
})
