// @module-tag heavy
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import { Bench } from '../e2e/bench.ts'
import { event } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Line } from './insider.ts'
import { rewriteEvents, soldDay, withoutOperation } from './insider.ts'

// The insider takes only the end of a signed sale out of a closed day. The agent finds the intent open, as after a
// crash, and ends the sale honestly: after the close, outside of any closing.

async function withoutItsEnd(bench: Bench) {
  const { register, id } = await soldDay(bench)
  const isEnd = ({ kind }: Line): boolean => kind === 'operation.completed'
  let stopped: readonly { code: string }[] = []
  await bench.restart(async () => {
    await rewriteEvents(bench.config.state, (lines) => withoutOperation(lines, id, isEnd))
    stopped = (await verifyJournal(bench.config.state)).codes
  })
  return { register, id, stopped }
}

test('a sale that was not ended when its session was closed is found, also if it is ended later', async () => {
  await using bench = await Bench.open()
  const { register, id } = await withoutItsEnd(bench)
  await bench.until(() => bench.journal().some(({ kind, op }) => kind === 'operation.completed' && op === id))
  const facts = { register: register.id, operation: id, bon: 4, sum: '10.70' }
  const { codes, books } = await verifyJournal(bench.config.state)
  const late = { code: 'bon_after_close', level: 'error', facts }
  expect([books, codes]).toMatchObject(['different', [openAtCount(id), late]])
  await inDirectory(async (directory) => {
    const { code, parts } = await audited(bench, directory)
    expect(code).toBe(1)
    expect(parts.find(({ name }) => name === 'DSFinV-K / Journal')?.findings).toEqual([
      `Kasse ${register.id}, Z-Nr. 1: Im DSFinV-K-Paket stehen 53,00 EUR in bar, die Sitzung ließ 63,70 EUR in der Kassenlade. (package_cash_differs)`,
      `Im DSFinV-K-Paket fehlt Bon 4 der Kasse ${register.id} über 10,70 EUR. (package_incomplete)`,
    ])
  })
})

test('it is found before any person ends it', async () => {
  await using bench = await Bench.open()
  const { id, stopped } = await withoutItsEnd(bench)
  const facts = { operation: id, bon: '–', sum: '10.70' }
  expect(stopped).toMatchObject([openAtCount(id), { code: 'bon_after_close', level: 'error', facts }])
})

/** The till counts no drawer while a sale is open. */
function openAtCount(id: string) {
  return { code: 'session_cash_differs', level: 'error', facts: { what: `was made while ${id} was open` } }
}

test.for([
  [' is found', (line: Line) => line, true],
  [' of an earlier program, which did not wait for it, is not', withoutSales, false],
] as const)('a cash movement with its number after the close%s', async ([, closed, isFound]) => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id } = await register.till.create(event('session_cash_adjustment', register.id, { cash_amount: '-20.00' }))
  await counted(register, '30.00')
  await register.till.create(closing(register, '0.00'))
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) => {
      const isMoved = ({ op, kind }: Line): boolean => op === id && kind === 'operation.completed'
      return [...lines.filter((line) => !isMoved(line)), ...lines.filter(isMoved)].map(closed)
    }),
  )
  const report = (await verifyJournal(bench.config.state)).codes.map(({ code }) => code)
  expect([report.includes('bon_after_close'), report.includes('receipt_number_gap')]).toEqual([isFound, true])
})

/** Count and close in the form before they had the sales of their session. */
function withoutSales(line: Line): Line {
  const session = line.body['session'] as { sales?: unknown } | undefined
  if (session?.sales === undefined) return line
  const { sales: _, ...more } = session
  return { ...line, body: { ...line.body, session: more } }
}
