// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Unsold } from '../../../agent/journal/books/unsold.ts'
import { closingsOf } from '../../../agent/laws/germany/audit-closings.ts'
import { inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { completion, processData, voiding } from '../client.ts'
import { NONE } from '../closing-sums.ts'
import { elsewhere, event, goods, goodsOf, pay, sell, trade } from '../goods.ts'
import { closeExpected, closing, counted } from '../shift.ts'
import { verifiedPackage } from './package-rows.ts'

const BREZEL = { sku_identifier: 'brezel', title: 'Brezel', unit_price: '1.20' }
const KAFFEE = { sku_identifier: 'kaffee', title: 'Kaffee', unit_price: '2.80' }

function basket({ id }: Pick<Register, 'id'>, brezels: number, more: Members = {}): Members {
  const brezel = [(brezels * 1.2).toFixed(2), '0.07', { ...BREZEL, quantity: brezels }] as const
  return goods('sale', id, [brezel, ['2.80', '0.19', KAFFEE]], more)
}

function begin({ id, till }: Register, more: Members = {}): Promise<Operation> {
  return till.create({ type: 'sale', source: 'POS', register_id: id, currency: 'EUR', line_items: [], ...more })
}

/** Begun with nothing, two pretzels and a coffee, then one pretzel. */
async function amendedTwice(register: Register, more: Members = {}): Promise<Operation> {
  const open = await begin(register, more)
  const two = await register.till.amend(open, basket(register, 2))
  return register.till.amend(two, basket(register, 1))
}

async function breakfast(register: Register, more: Members = {}): Promise<Operation> {
  const open = await amendedTwice(register, more)
  const done = await register.till.call({ ...completion(open, [pay('cash', '4.00')]), ifMatch: 3 })
  expect(done.status, done.text).toBe(200)
  return register.till.read(open.id)
}

async function close(register: Register, amount: string): Promise<void> {
  await counted(register, amount)
  await register.till.create(closing(register, '0.00'))
}

function lineRows(rows: readonly Readonly<Record<string, string>>[], bon: string): string[][] {
  const columns = ['POS_ZEILE', 'GV_TYP', 'ARTIKELTEXT', 'MENGE', 'STK_BR', 'P_STORNO']
  return rows.filter((row) => row['BON_ID'] === bon).map((row) => columns.map((column) => row[column] ?? ''))
}

test('what was taken away is a cancelled row of the package, in no sum, and in the closing of each type', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const done = await breakfast(register)
  expect(processData(done)).toBe('Beleg^2.80_1.20_0.00_0.00_0.00^4.00:Bar')
  const training = await amendedTwice(register, { training: true })
  await till.call({ ...completion(training, [pay('cash', '4.00')]), ifMatch: 3 })
  const path = `/v1/registers/${id}/closings`
  const cancelled_lines = { count: 1, amount: '1.20' }
  const interim = await till.post(path, { type: 'shift' })
  expect(interim).toMatchObject({ interim: { receipts: 2 }, totals: { cancelled_lines } })
  await close(register, '54.00')
  for (const type of ['daily', 'shift', 'monthly', 'annual'])
    expect((await till.post(path, { type }))['totals'], type).toMatchObject({ cancelled_lines })
  const daily = await till.post(path, {})
  const receipt = `/v1/closings/${String(daily['id'])}/receipt`
  const paper = await till.call({ path: receipt, headers: { Accept: 'text/plain' } })
  expect(paper.text).toMatch(/Stornierte Positionen:? +1 \(1,20\)/)
  const { text } = await till.call({ path: `/v1/operations/${done.id}/receipt?format=text` })
  expect(text.match(/Brezel/g)).toHaveLength(1)
  const { bons, lines } = await verifiedPackage(bench)
  expect(bons.find((row) => row['BON_ID'] === '2')).toMatchObject({ BON_TYP: 'Beleg', UMS_BRUTTO: '4,00' })
  expect(lineRows(lines, '2')).toEqual([
    ['1', 'Umsatz', 'Brezel', '1,000', '1,20000', '0'],
    ['2', 'Umsatz', 'Kaffee', '1,000', '2,80000', '0'],
    ['3', 'Umsatz', 'Brezel', '1,000', '1,20000', '1'],
  ])
})

test('a shop that takes nothing away has closings with sums of 0', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sell(register, '5.00')
  await close(register, '55.00')
  const daily = await register.till.post(`/v1/registers/${register.id}/closings`, {})
  expect(daily['totals']).toMatchObject({ reversals: NONE, returns: NONE, cancelled_lines: NONE, training: NONE })
})

test('a Z names what was taken back with number and sum, and its report in an audit has the same from the events', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const sold = await sell(register, '5.00')
  await till.create(event('void', id, { related_operation_id: sold.id }))
  await trade(register, 'return', [['-2.00', '0.07']], elsewhere)
  await trade(register, 'sale', [['3.00', '0.07']], { training: true })
  const open = await till.create(goods('sale', id, [['9.00', '0.07']]))
  const less = goodsOf(goods('sale', id, [['1.00', '0.07']]))
  await till.call({ ...completion(open, [pay('cash', '1.00')], less), ifMatch: 1 })
  await closeExpected(register)
  const daily = await till.post(`/v1/registers/${id}/closings`, {})
  expect(daily['totals']).toMatchObject({
    reversals: { count: 1, amount: '-5.00' },
    returns: { count: 1, amount: '-2.00' },
    cancelled_lines: { count: 1, amount: '9.00' },
    training: { count: 1, amount: '3.00' },
  })
  const rows = ['Stornos 1 (-5,00)', 'Rückgaben 1 (-2,00)', 'Stornierte Positionen 1 (9,00)', 'Schulung 1 (3,00)']
  const printed = (header: readonly { label: string; value: string }[]): string[] =>
    header.map(({ label, value }) => `${label} ${value}`).filter((row) => rows.includes(row))
  const receipt = await till.get(`/v1/closings/${String(daily['id'])}/receipt`)
  expect(printed(receipt['header'] as { label: string; value: string }[])).toEqual(rows)
  const unsold = new Unsold([0, Number.MAX_SAFE_INTEGER])
  for (const { seq, kind, op, at, body } of bench.journal())
    unsold.note({ seq: Number(seq), kind, op, at }, JSON.parse(body))
  await inDirectory(async (directory) => {
    const file = join(directory, 'books.zip')
    await writeFile(file, await bench.exported('dsfinvk'))
    for await (const { model } of closingsOf(
      file,
      (...bons) => unsold.takenBack.within(...bons),
      (id) => id,
    ))
      expect(model.header.map(({ label, value }) => `${label} ${value}`)).toEqual(expect.arrayContaining(rows))
  })
})

test('voided while empty it is an abort without lines, voided later one of its lines and of those taken away', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { till } = register
  const empty = await begin(register)
  expect(processData(await till.void(empty))).toBe('AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^')
  const amended = await amendedTwice(register)
  const voided = await till.call({ ...voiding(amended), ifMatch: 3 })
  expect(voided.json, voided.text).toMatchObject({ status: 'voided', cancelled_line_items: [{ title: 'Brezel' }] })
  await close(register, '50.00')
  const { bons, lines } = await verifiedPackage(bench)
  const aborts = bons.filter((row) => row['BON_TYP'] === 'AVBelegabbruch')
  expect(aborts.map((row) => [row['BON_ID'], row['UMS_BRUTTO']])).toEqual([
    ['2', '0,00'],
    ['3', '0,00'],
  ])
  expect(lineRows(lines, '2')).toEqual([])
  expect(lineRows(lines, '3').map(([, , text, quantity, , cancelled]) => [text, quantity, cancelled])).toEqual([
    ['Brezel', '1,000', '1'],
    ['Kaffee', '1,000', '1'],
    ['Brezel', '1,000', '1'],
  ])
})

test('the reversal of an operation has its lines, and none that was taken away', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const done = await breakfast(register)
  const reversal = await register.till.create(event('void', register.id, { related_operation_id: done.id }))
  expect(reversal).not.toHaveProperty('cancelled_line_items')
  await close(register, '50.00')
  const { lines } = await verifiedPackage(bench)
  expect(lineRows(lines, '3').map(([, , text, quantity, , cancelled]) => [text, quantity, cancelled])).toEqual([
    ['Brezel', '-1,000', '0'],
    ['Kaffee', '-1,000', '0'],
  ])
})
