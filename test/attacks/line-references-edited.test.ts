// @module-tag heavy
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import { Bench } from '../e2e/bench.ts'
import { exportedPackage } from '../e2e/germany/package-rows.ts'
import { goods, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Line } from './insider.ts'
import { rewriteEvents } from './insider.ts'

// No signed text names an original. The insider lets a line name another operation, or one that never was, removes the
// mark of the original, and signs the journal again.

const UNKNOWN = 'op_01M8EEHYE2SCZFGYSQ3DV0WXM2'
const EMPTIES = { type: 'container_deposit', sku_identifier: 'bottle', quantity: -4, unit_price: '0.25' }

/** A closed day: tea is sold, empties come back alone, and one tea comes back in a purchase with empties. */
async function day(bench: Bench) {
  const register = await bench.till('50.00')
  const { id, till } = register
  const tea = { sku_identifier: 'tea', quantity: 2, unit_price: '2.00' }
  const sold = await till.complete(await till.create(goods('sale', id, [['4.00', '0.19', tea]])), [pay('cash', '4.00')])
  for (const type of ['sale', 'return'] as const)
    await till.complete(await till.create(goods(type, id, [['-1.00', '0.19', EMPTIES]])), [pay('cash', '-1.00')])
  const back = goods('sale', id, [
    ['9.00', '0.07'],
    ['-1.00', '0.19', EMPTIES],
    ['-2.00', '0.19', { ...tea, quantity: -1, related_operation_id: sold.id }],
  ])
  const purchase = await till.complete(await till.create(back), [pay('cash', '6.00')])
  await counted(register, '58.00')
  await till.create(closing(register, '0.00'))
  return { till, sold, purchase }
}

async function forged(bench: Bench, original: string, change: (text: string) => string): Promise<void> {
  const isMark = ({ kind, op }: Line): boolean => kind === 'operation.returned' && op === original
  const edited = (line: Line): Line => {
    const text = JSON.stringify(line.body)
    return text.includes('"related_operation_id"') ? { ...line, body: JSON.parse(change(text)) as Line['body'] } : line
  }
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) => lines.filter((line) => !isMark(line)).map(edited)),
  )
}

test('an audit of a day with empties and returned lines has no objection, and misses no reference', async () => {
  await using bench = await Bench.open({ edits: true })
  await day(bench)
  await inDirectory(async (directory) => {
    const { code, parts } = await audited(bench, directory)
    expect(parts.filter(({ valid }) => !valid)).toEqual([])
    expect(parts.flatMap(({ findings }) => findings).join('\n')).not.toMatch(/PfandRueckzahlung|reference|Bezug/i)
    expect(code).toBe(0)
  })
})

test('a line that names an operation which never was leaves journal, receipt and package readable', async () => {
  await using bench = await Bench.open({ edits: true })
  const { till, sold, purchase } = await day(bench)
  await forged(bench, sold.id, (text) => text.replaceAll(sold.id, UNKNOWN))
  const { codes } = await verifyJournal(bench.config.state)
  expect(codes).toEqual([])
  const path = `/v1/operations/${purchase.id}/receipt`
  expect((await till.call({ path, headers: { Accept: 'text/plain' } })).text).toContain(`Bezug: ${UNKNOWN}`)
  const books = await exportedPackage(bench)
  expect(books.report).toMatchObject({ valid: true, findings: [] })
})

test.each([
  ['the operation that it came from', (text: string) => text],
  [
    'an operation that never was',
    (text: string) => text.replace(/"related_operation_id":"[^"]+"/g, `"related_operation_id":"${UNKNOWN}"`),
  ],
])('the rate of a line that comes back cannot become a former one by %s', async (_what, rename) => {
  await using bench = await Bench.open({ edits: true })
  const { sold } = await day(bench)
  const lower = (text: string) => rename(text).replaceAll('"rate":"0.19"', '"rate":"0.16"')
  await forged(bench, sold.id, lower)
  const { codes } = await verifyJournal(bench.config.state)
  expect(codes).toContainEqual(expect.objectContaining({ code: 'tse_rate_implausible', level: 'error' }))
})
