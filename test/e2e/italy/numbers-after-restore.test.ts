// @module-tag heavy
import { spawn } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEarlierRestores } from '../../../agent/backup/earlier-restores.ts'
import { backUp, restore } from '../../backup/parts.ts'
import { asidesOf, keyed, lastReceiptOf } from '../../backup/restored-shop.ts'
import { temporaryDirectory } from '../../journal/temporary-journal.ts'
import { verifyJournal } from '../../verified-journal.ts'
import { once } from '../../waits.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { pay } from '../goods.ts'
import { printerOf } from './printer-beside.ts'
import { restoredAfter } from './restored-shop.ts'
import { italianTill, movement } from './shop.ts'

const CHILD = join(import.meta.dirname, '../../backup/children/start.ts')
/** More points than a start has. */
const POINTS_MAX = 80

async function sell({ till, ...register }: Register, amount: string): Promise<void> {
  const open = await till.create(movement('sale', register, [{ title: 'Caffè', amount }]))
  await till.complete(open, [pay('cash', amount)])
}

/** A bar that sold once, and the last number that it gave. */
async function barAt(bench: Bench): Promise<{ register: Register; given: number }> {
  const register = await italianTill(bench, '0.00')
  await sell(register, '12.20')
  return { register, given: lastReceiptOf(bench) ?? 0 }
}

test('numbers that receipts at an Italian printer may have are set aside once after a restore', async () => {
  await using printer = await printerOf('rch')
  await using bench = await printer.agent()
  const { register: before, given } = await barAt(bench)
  await using shop = await restoredAfter({ bench, printer }, () => sell(before, '3.00'))
  const register = keyed(shop, before)
  const aside = { register_id: register.id, why: 'restore' }
  expect(asidesOf(shop)).toEqual([
    { ...aside, kind: 'bon', from: given + 1, to: given + 1000 },
    { ...aside, kind: 'z', from: 1, to: 1000 },
  ])
  await sell(register, '5.00')
  expect(lastReceiptOf(shop)).toBe(given + 1001)
  await shop.restart()
  expect(asidesOf(shop)).toHaveLength(2)
  await sell(register, '6.00')
  expect(lastReceiptOf(shop)).toBe(given + 1002)
  const { state } = shop.config
  await shop.stop()
  const { valid, codes } = await verifyJournal(state)
  expect([valid, codes.map(({ code }) => code)]).toEqual([true, expect.arrayContaining(['bon_numbers_set_aside'])])
  await shop.start()
})

test('a backup that is restored again sets other numbers aside than the first time', async () => {
  await using printer = await printerOf('rch')
  await using bench = await printer.agent()
  const { register, given } = await barAt(bench)
  const folder = await temporaryDirectory()
  const { file } = await backUp(bench.config.state, folder)
  await bench.stop()
  const numbers: unknown[] = []
  for (const time of ['first', 'second']) {
    const state = join(folder, time)
    const { restored_before: before } = await restore(state, file, { earlierRestores: openEarlierRestores(file) })
    await using shop = await Bench.open({ config: { devices: [printer.device()], state } })
    await sell(keyed(shop, register), '5.00')
    numbers.push([before, lastReceiptOf(shop)])
  }
  expect(numbers).toEqual([
    [0, given + 1001],
    [1, given + 2001],
  ])
  await bench.start()
})

test('after a restore an Italian register continues after the number that a person read on paper', async () => {
  await using printer = await printerOf('rch')
  await using bench = await printer.agent()
  const { register, given } = await barAt(bench)
  const closings = restoredAfter({ bench, printer }, async () => undefined, {
    lastNumbers: { receipts: {}, closings: { [register.id]: 5 } },
  })
  await expect(closings).rejects.toThrow(/no such register whose closing numbers the agent gives/)
  await bench.start()
  const lastNumbers = { receipts: { [register.id]: given + 7 }, closings: {} }
  await using shop = await restoredAfter({ bench, printer }, () => sell(register, '3.00'), { lastNumbers })
  expect(asidesOf(shop)).toMatchObject([
    { kind: 'bon', from: given + 1, to: given + 7, why: 'last_receipt' },
    // Each of them may be a count.
    { kind: 'z', from: 1, to: 7, why: 'restore' },
  ])
  await sell(keyed(shop, register), '5.00')
  expect(lastReceiptOf(shop)).toBe(given + 8)
})

test('without lost events no number of an Italian register is set aside', async () => {
  await using printer = await printerOf('rch')
  await using bench = await printer.agent()
  const { register, given } = await barAt(bench)
  await using shop = await restoredAfter({ bench, printer }, async () => undefined, { word: 'nothing_lost' })
  await sell(keyed(shop, register), '5.00')
  expect([asidesOf(shop), lastReceiptOf(shop)]).toEqual([[], given + 1])
})

test('a first start after a restore that is killed at any point sets the numbers of an Italian register aside once', async () => {
  await using printer = await printerOf('rch')
  await using bench = await printer.agent()
  const { register, given } = await barAt(bench)
  const folder = await temporaryDirectory()
  const { file } = await backUp(bench.config.state, folder)
  const backup = join(folder, 'backup')
  await restore(backup, file)
  let points = 0
  for (let isWhole = false; !isWhole && points < POINTS_MAX; points++) {
    const copy = join(folder, String(points))
    await cp(backup, copy, { recursive: true })
    const child = spawn(process.execPath, [CHILD, copy, String(points + 1)], { stdio: 'ignore' })
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
    expect(code ?? signal).toBe(code === null ? 'SIGKILL' : 0)
    isWhole = code === 0
    await using again = await Bench.open({ config: { devices: [], state: copy } })
    expect(asidesOf(again)).toEqual([
      { register_id: register.id, kind: 'bon', from: given + 1, to: given + 1000, why: 'restore' },
      { register_id: register.id, kind: 'z', from: 1, to: 1000, why: 'restore' },
    ])
  }
  expect(points).toBeGreaterThan(2)
  expect(points).toBeLessThan(POINTS_MAX)
})
