// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Unsold } from '../../../agent/journal/books/unsold.ts'
import { closingsOf } from '../../../agent/laws/germany/audit-closings.ts'
import { inDirectory, table } from '../../laws/germany/dsfinvk/package.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { completion } from '../client.ts'
import { order } from '../goods.ts'
import { closeAndReport } from '../shift.ts'
import { exportedPackage } from './package-rows.ts'
import { billed, coffees, cups, ordered, tavern } from './tavern.ts'

type Row = { label: string; value: string }

test('orders sent back and lines taken away are a number and a sum of the Z, as its package has them', async () => {
  await using bench = await Bench.open()
  const { bar } = await tavern(bench)
  const { id, till } = bar
  await ordered(bar, 'Tisch 4', cups(5), coffees(3))
  const begun = await till.create(order(id, [cups(2), coffees(2)], { allocation_group: 'Tisch 4' }))
  await till.amend(begun, order(id, [cups(2)], { allocation_group: 'Tisch 4' }))
  expect((await till.call({ ...completion(begun, []), ifMatch: 2 })).status).toBe(200)
  // Two lines that come back in one order, a piece of one in another, and one more ordered with it.
  await ordered(bar, 'Tisch 4', cups(-2), coffees(-1))
  await ordered(bar, 'Tisch 4', coffees('-0.5'), cups(1))
  const practised = order(id, [cups(-1)], { allocation_group: 'Tisch 4', training: true })
  await till.complete(await till.create(practised), [])
  await billed(bar, 'Tisch 4', cups(6))
  const sums = {
    sent_back_order_lines: { count: 3, amount: '-12.47' },
    cancelled_order_lines: { count: 1, amount: '5.98' },
    cancelled_lines: { count: 0, amount: '0.00' },
  }
  const soFar = await till.post(`/v1/registers/${id}/closings`, { type: 'shift' })
  expect(soFar['totals']).toMatchObject(sums)
  const report = await closeAndReport(bar)
  expect(report['totals']).toMatchObject(sums)
  const rows = ['Bestellungen zurückgenommen 3 (-12,47)', 'Aus Bestellungen entfernt 1 (5,98)']
  const words = (header: readonly Row[]): string[] => header.map(({ label, value }) => `${label} ${value}`)
  const receipt = await till.get(`/v1/closings/${String(report['id'])}/receipt`)
  expect(words(receipt['header'] as Row[])).toEqual(expect.arrayContaining(rows))
  const { files } = await exportedPackage(bench)
  const orders = new Set(
    table(files, 'transactions.csv').flatMap((row) => (row['BON_TYP'] === 'AVBestellung' ? [row['BON_ID']] : [])),
  )
  const lines = table(files, 'lines.csv').filter((row) => orders.has(row['BON_ID']))
  expect(lines.filter((row) => row['MENGE']?.startsWith('-') === true)).toHaveLength(3)
  expect(lines.filter((row) => row['P_STORNO'] === '1')).toHaveLength(1)
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
      expect(words(model.header)).toEqual(expect.arrayContaining(rows))
  })
})

test('a Z without such orders has neither member', async () => {
  await using bench = await Bench.open()
  const { bar } = await tavern(bench)
  await ordered(bar, 'Tisch 9', cups(1))
  await billed(bar, 'Tisch 9', cups(1))
  const { totals } = (await closeAndReport(bar)) as { totals: Members }
  expect([totals['sent_back_order_lines'], totals['cancelled_order_lines']]).toEqual([undefined, undefined])
})
