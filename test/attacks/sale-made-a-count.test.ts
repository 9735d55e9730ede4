// @module-tag heavy
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { event, goods, pay, sell } from '../e2e/goods.ts'
import { closing } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Line } from './insider.ts'
import { rewriteEvents } from './insider.ts'

// A TSE signs a tax-free cash sale and a count that found its amount with the same text. The insider makes the sale a first
// count, and the shop's own count its correction: every signed text fits, and the turnover is gone.

type Body = Record<string, unknown>
type Session = { id: string; register: string; set?: Body; sales?: { bons: number; gross: number } }

/** Members of a sale that a count has, too. */
const SHARED = ['id', 'object', 'merchant_id', 'location_id', 'register_id', 'session_id', 'source', 'currency']
const LATER = ['fiscal', 'fiscal_information']

function picked(set: unknown, names: readonly string[]): Body {
  return Object.fromEntries(Object.entries((set ?? {}) as Body).filter(([name]) => names.includes(name)))
}

const SALE = 20

/** The sale as the first count of its session, which expected 50.00; `later`: what the session sold after it. */
function madeACount(lines: readonly Line[], sale: string, count: string, later = 0): Line[] {
  const own = lines.find(({ op, body }) => op === count && body['index'] !== undefined) as Line
  const { id, register, sales } = own.body['session'] as Session
  const amounts = (expected: number, found: number): Body => ({
    expected_closing_amount: expected.toFixed(2),
    counted_closing_amount: found.toFixed(2),
    closing_cashcount_diff: (found - expected).toFixed(2),
  })
  const honest = Number((own.body['set'] as Body)['closing_cashcount_diff'])
  const forged = amounts(50, 50 + SALE)
  const bons = (sales?.bons ?? 0) - 1 - (later === 0 ? 0 : 1)
  const asCount = ({ body, ...line }: Line): Line => {
    if (body['index'] === undefined) {
      const { session: _, own: moved, status: __, ...rest } = body
      const kept = picked(moved, ['receipt_number'])
      const set = picked(body['set'], LATER)
      return { ...line, body: { ...rest, set, ...(Object.keys(kept).length > 0 && { own: kept }) } }
    }
    const { own: _, ...rest } = body
    const set = { ...picked(body['set'], SHARED), ...forged, type: 'session_cash_count', status: 'completed' }
    const completed = { created_at: line.at, completed_at: line.at, fiscal: { state: 'pending' } }
    const session = {
      id,
      register,
      sales: { bons, gross: 0 },
      set: { ...forged, state: 'counted', counted_at: line.at },
    }
    const index = { ...(body['index'] as Body), kind: 'session_cash_count' }
    return {
      ...line,
      kind: 'session.counted',
      body: { ...rest, index, status: 'completed', set: { ...set, ...completed }, session },
    }
  }
  const corrected = amounts(50 + later, 50 + SALE + honest)
  const asCorrection = (line: Line): Line => {
    if (line !== own) return line
    const session = line.body['session'] as Session
    const set = {
      ...(line.body['set'] as Body),
      ...corrected,
      corrects_operation_id: sale,
      correction_amount: honest.toFixed(2),
    }
    const gross = (session.sales?.gross ?? 0) - SALE * 100
    const mark = { ...session, sales: { bons: session.sales?.bons ?? 0, gross }, set: { ...session.set, ...corrected } }
    return { ...line, body: { ...line.body, set, session: mark } }
  }
  const lessSold = (line: Line): Line => {
    const session = line.body['session'] as Session | undefined
    if (session?.sales === undefined || session.set?.['state'] !== 'closed') return line
    const mark = { ...session, sales: { ...session.sales, gross: session.sales.gross - SALE * 100 } }
    return { ...line, body: { ...line.body, session: mark } }
  }
  return lines.map((line) => (line.op === sale ? asCount(line) : lessSold(asCorrection(line))))
}

async function taxFreeSale({ id, till }: Register): Promise<string> {
  const open = await till.create(goods('sale', id, [[`${SALE}.00`, '0']]))
  return (await till.complete(open, [pay('cash', `${SALE}.00`)])).id
}

/** A day with a tax-free sale, further sales after it, and the count that the shop made. */
async function day(bench: Bench, later: string | undefined, found: string) {
  const register = await bench.till('50.00')
  const sale = await taxFreeSale(register)
  if (later !== undefined) await sell(register, later)
  const count = await register.till.create(event('session_cash_count', register.id, { counted_closing_amount: found }))
  await register.till.create(closing(register, '0.00'))
  return { register, sale, count: count.id }
}

async function codesOf({ config: { state } }: Bench) {
  const { codes } = await verifyJournal(state)
  return codes.map(({ code }) => code)
}

test('a tax-free sale as a first count, and the count of the shop as its correction by nothing, is found', async () => {
  await using bench = await Bench.open()
  const { sale, count } = await day(bench, undefined, '70.00')
  await bench.restart(() => rewriteEvents(bench.config.state, (lines) => madeACount(lines, sale, count)))
  const { codes } = await verifyJournal(bench.config.state)
  expect(codes).toMatchObject([{ code: 'session_cash_differs', level: 'error' }])
})

test('a tax-free sale as a first count is followed by the next sale of its session, and is found', async () => {
  await using bench = await Bench.open()
  const { sale, count } = await day(bench, '3.00', '72.00')
  await bench.restart(() => rewriteEvents(bench.config.state, (lines) => madeACount(lines, sale, count, 3)))
  const { codes } = await verifyJournal(bench.config.state)
  expect(codes).toMatchObject([
    { code: 'session_cash_differs', facts: { what: expect.stringContaining('was followed by') } },
  ])
})

test('the last sale before a count that found a difference is named as a corrected count, with the minutes between', async () => {
  await using bench = await Bench.open()
  const { sale, count } = await day(bench, undefined, '69.00')
  await bench.restart(() => rewriteEvents(bench.config.state, (lines) => madeACount(lines, sale, count)))
  expect(await codesOf(bench)).toEqual([])
  await inDirectory(async (directory) => {
    const { parts } = await audited(bench, directory)
    expect(parts.find(({ name }) => name === 'Kassenstürze')?.findings).toEqual([
      expect.stringMatching(/69,00 EUR gezählt, 0 Minuten nach 70,00 EUR/),
    ])
  })
})

test('an honest slip of the finger, corrected before the close, and a count that corrects it again have no finding', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await taxFreeSale(register)
  const count = (found: string, corrects?: string) => {
    const more = corrects === undefined ? {} : { corrects_operation_id: corrects }
    return register.till.create(event('session_cash_count', register.id, { counted_closing_amount: found, ...more }))
  }
  const first = await count('503.11')
  const second = await count('70.00', first.id)
  await count('69.50', second.id)
  await register.till.create(closing(register, '0.00'))
  expect(await codesOf(bench)).toEqual([])
  await inDirectory(async (directory) => {
    const { code, parts } = await audited(bench, directory)
    expect(code).toBe(0)
    const { partly } = parts.find(({ name }) => name === 'DSFinV-K / Journal') as unknown as { partly: string[] }
    expect(partly).toEqual([expect.stringContaining('Kassendifferenzen 1/-0,50 EUR')])
  })
})
