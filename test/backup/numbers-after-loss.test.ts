// @module-tag heavy
import { spawn } from 'node:child_process'
import { cp, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEarlierRestores } from '../../agent/backup/earlier-restores.ts'
import { checkJournal } from '../../agent/cli/checks/journal.ts'
import { austrianTill, ONE_CARD, receiptOf, sell as sellAustrian } from '../e2e/austria/shop.ts'
import type { Bench, Register } from '../e2e/bench.ts'
import { pay, sell } from '../e2e/goods.ts'
import { printerOf } from '../e2e/italy/printer-beside.ts'
import { italianTill, movement } from '../e2e/italy/shop.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { TurningClock } from '../turning-clock.ts'
import { verifyJournal } from '../verified-journal.ts'
import { once } from '../waits.ts'
import { opened, putBack, withUnit } from './lost-states.ts'
import { backUp, restore } from './parts.ts'
import { asidesOf, keyed, lastReceiptOf } from './restored-shop.ts'

// Numbers that may be on paper are never given again, whatever brought the older state back.

const CHILD = join(import.meta.dirname, 'children/start.ts')
/** More points than a start has. */
const POINTS_MAX = 80

/** A shop that gave the numbers 1 to 3. */
async function shopOfThree(): Promise<{ bench: Bench; register: Register }> {
  const bench = await opened()
  const register = await bench.till()
  await sell(register, '1.00')
  await sell(register, '2.00')
  return { bench, register }
}

async function coffee({ till, ...register }: Register): Promise<void> {
  const open = await till.create(movement('sale', register, [{ title: 'Caffè', amount: '1.20' }]))
  await till.complete(open, [pay('cash', '1.20')])
}

async function sellTwo(register: Register): Promise<void> {
  await sell(register, '512.34')
  await sell(register, '512.34')
}

async function codesOf(shop: Bench): Promise<unknown[]> {
  await shop.stop()
  const { codes } = await verifyJournal(shop.config.state)
  await shop.start()
  return codes.map(({ code, level }) => [code, level])
}

test('receipts printed without the unit before a restore keep their numbers: the next sale is above 1,000 a day', async () => {
  const { bench, register } = await shopOfThree()
  await using _ = bench
  const folder = await temporaryDirectory()
  await bench.stop()
  const { file } = await backUp(bench.config.state, folder)
  await bench.start()
  await bench.fault('unplugged@*')
  await sellTwo(keyed(bench, register))
  expect(lastReceiptOf(bench)).toBe(5)
  await bench.stop()
  const state = join(folder, 'state')
  await restore(state, file)
  await rm(join(state, 'devices'), { recursive: true })
  await cp(join(bench.config.state, 'devices'), join(state, 'devices'), { recursive: true })
  await using shop = await opened({ config: { state } })
  await sell(keyed(shop, register), '5.00')
  expect(lastReceiptOf(shop)).toBe(1004)
  expect(asidesOf(shop)).toEqual([
    { register_id: register.id, kind: 'bon', from: 4, to: 1003, why: 'restore' },
    { register_id: register.id, kind: 'z', from: 1, to: 1000, why: 'restore' },
  ])
  expect(await codesOf(shop)).toEqual([
    ['bon_numbers_set_aside', 'note'],
    ['z_numbers_set_aside', 'note'],
  ])
  await bench.start()
})

test('a state put back while its unit is unplugged gives no number twice, by the file of its journal', async () => {
  const { bench, register } = await shopOfThree()
  await using _ = bench
  const { shop, ...back } = await putBack(bench, register, { lose: sellTwo, unit: 'away', isMarked: true })
  await sell(back.register, '5.00')
  expect(lastReceiptOf(shop)).toBe(1004)
  await using again = await withUnit(shop)
  await again.untilDevice('foreign')
  expect(asidesOf(again)).toMatchObject([
    { kind: 'bon', from: 4, to: 1003, why: 'rollback' },
    { kind: 'z', from: 1, to: 1000, why: 'rollback' },
  ])
  expect(await again.agent.administration.deviceAct('tse-1', 'adopt')).toMatchObject({
    lost_transactions: [
      { receipt_number: 1005, paper_numbers: { from: 4, to: 1003 } },
      { receipt_number: 1006, paper_numbers: { from: 4, to: 1003 } },
    ],
  })
  await bench.start()
})

test('without that mark the numbers given twice are named when the unit shows the loss, and explained by its duty', async () => {
  const { bench, register } = await shopOfThree()
  await using _ = bench
  const { shop, ...back } = await putBack(bench, register, { lose: sellTwo, unit: 'away', isMarked: false })
  await sellTwo(back.register)
  expect(lastReceiptOf(shop)).toBe(5)
  await using again = await withUnit(shop)
  await again.untilDevice('foreign')
  expect(asidesOf(again)).toMatchObject([
    { kind: 'bon', from: 6, to: 1003, lost: { from: 4, to: 1003 }, why: 'rollback' },
    { kind: 'z', from: 1, to: 1000, why: 'rollback' },
  ])
  expect(await again.agent.administration.deviceAct('tse-1', 'adopt')).toMatchObject({
    lost_transactions: [{ receipt_number: 1004, paper_numbers: { from: 4, to: 1003 } }, { receipt_number: 1005 }],
  })
  expect(again.agent.administration.listTasks()).toMatchObject([{ id: 'epoch-2' }])
  expect(await codesOf(again)).toEqual([
    ['bon_numbers_set_aside', 'note'],
    ['z_numbers_set_aside', 'note'],
    ['receipt_numbers_twice', 'error'],
  ])
  const [, journal] = await checkJournal(again.config.state, Date.now())
  expect(journal).toMatchObject({ state: 'failure', remedy: expect.stringContaining('fiskal-edge duty list') })
  await again.agent.administration.confirmTask('epoch-2', 'Kopie eingespielt; Papier 4 und 5 liegt bei')
  expect(await codesOf(again)).toContainEqual(['receipt_numbers_twice', 'note'])
  await bench.start()
})

test('an evening without the unit, then the state put back with the unit there: no number twice, and no person', async () => {
  const { bench, register } = await shopOfThree()
  await using _ = bench
  const lose = async (till: Register): Promise<void> => {
    await bench.fault('unplugged@*')
    await sellTwo(till)
  }
  const { shop, ...back } = await putBack(bench, register, { lose, unit: 'there', isMarked: true })
  await using __ = shop
  const next = await sell(back.register, '5.00')
  expect([next.fiscal?.state, lastReceiptOf(shop)]).toEqual(['succeeded', 1004])
  // A later start compares the file that this one noted.
  await shop.restart()
  await sell(back.register, '6.00')
  expect([lastReceiptOf(shop), asidesOf(shop)]).toMatchObject([1005, [{ kind: 'bon' }, { kind: 'z' }]])
  await bench.start()
})

test('Italy and Austria: of a folder put back no number is given twice, and a chain waits for a word', async () => {
  await using printer = await printerOf('rch')
  await using bar = await opened({ clock: new TurningClock(), config: { devices: [printer.device()] } })
  const till = await italianTill(bar, '0.00')
  await coffee(till)
  const given = lastReceiptOf(bar) ?? 0
  const { shop, ...back } = await putBack(bar, till, {
    lose: coffee,
    ...{ unit: 'there', isMarked: true, config: { devices: [printer.device()] } },
  })
  await using _ = shop
  await coffee(back.register)
  expect(lastReceiptOf(shop)).toBe(given + 1001)
  expect(asidesOf(shop)).toMatchObject([
    { kind: 'bon', from: given + 1, to: given + 1000, why: 'rollback' },
    { kind: 'z', from: 1, to: 1000, why: 'rollback' },
  ])
  await bar.start()

  await using cafe = await opened({ config: ONE_CARD })
  const kassa = await austrianTill(cafe)
  await sellAustrian(kassa, '10.00')
  const { shop: chained, ...later } = await putBack(cafe, kassa, {
    lose: (lost) => sellAustrian(lost, '517.00'),
    ...{ unit: 'there', isMarked: true, config: ONE_CARD },
  })
  await using __ = chained
  await expect(sellAustrian(later.register, '4.00')).rejects.toThrow(/chain_put_back/)
  await chained.agent.administration.confirmTask('epoch-2', 'Papier geprüft: nichts fehlt')
  const { signature } = receiptOf(await sellAustrian(later.register, '4.00')) as { signature?: unknown }
  expect(signature).toBeDefined()
  await cafe.start()
})

test('a start that is killed at any point after a folder was put back begins one epoch, with its numbers set aside', async () => {
  const { bench, register } = await shopOfThree()
  await using _ = bench
  const nothing = async (): Promise<void> => undefined
  const { shop, state } = await putBack(bench, register, { lose: nothing, unit: 'there', isMarked: false })
  await shop.stop()
  // As the copy of another file: each start sees a folder that was put back.
  const mark = join(state, 'journal.file')
  let isWhole = false
  let points = 0
  for (; !isWhole && points < POINTS_MAX; points++) {
    const copy = `${state}-${points}`
    await cp(state, copy, { recursive: true })
    await writeFile(join(copy, 'journal.file'), '1\n')
    const child = spawn(process.execPath, [CHILD, copy, String(points + 1), 'daemon'], { stdio: 'ignore' })
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
    expect(code ?? signal).toBe(code === null ? 'SIGKILL' : 0)
    isWhole = code === 0
    await using again = await opened({ config: { devices: [], state: copy } })
    const opening = again.journal().filter(({ kind }) => kind === 'journal.opened')
    expect([opening.length, asidesOf(again).map(({ kind, from }) => [kind, from])]).toEqual([
      2,
      [
        ['bon', 4],
        ['z', 1],
      ],
    ])
    expect(await readFile(join(copy, 'journal.file'), 'utf8')).not.toBe('1\n')
  }
  expect(points).toBeGreaterThan(2)
  expect(await readFile(mark, 'utf8')).toMatch(/^\d+\n$/)
  await bench.start()
})

test('a mark that cannot be written, and a target that hangs or lies, stop no sale and begin no second epoch', async () => {
  const { bench, register } = await shopOfThree()
  await using _ = bench
  const silent = createServer(() => undefined)
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const token = join(await temporaryDirectory(), 'token')
  await writeFile(token, 'ofs_secret')
  const targets = [{ id: 'cloud', kind: 'https', url: `http://127.0.0.1:${port}`, tokenFile: token }]
  const { shop, ...back } = await putBack(bench, register, {
    lose: sellTwo,
    ...{ unit: 'there', isMarked: true, config: { sync: { targets } } },
  })
  await using __ = shop
  await sell(back.register, '5.00')
  expect(lastReceiptOf(shop)).toBe(1004)
  // No file can take the name of a folder: the note of the present file fails at each start.
  const mark = join(back.state, 'journal.file')
  await shop.restart(async () => {
    await rm(mark)
    await mkdir(join(mark, 'in-the-way'), { recursive: true })
  })
  await shop.restart()
  await sell(back.register, '6.00')
  expect(lastReceiptOf(shop)).toBe(1005)
  expect(shop.journal().filter(({ kind }) => kind === 'journal.opened')).toHaveLength(2)
  silent.closeAllConnections()
  silent.close()
  await bench.start()
})

test('a note of earlier restores that is too large, or of another form, is refused by name', async () => {
  const folder = await temporaryDirectory()
  const file = join(folder, 'shop.backup')
  await writeFile(file, '')
  for (const text of ['2026-11-30T12:00:00Z\n'.repeat(60_000), 'a poem\n', '\n\n']) {
    await writeFile(`${file}.restored`, text)
    expect(() => openEarlierRestores(file)).toThrow(expect.objectContaining({ code: 'restores_note_unusable' }))
  }
  // A hole of 3 GiB is never read.
  await truncate(`${file}.restored`, 3 * 1024 ** 3)
  expect(() => openEarlierRestores(file)).toThrow(expect.objectContaining({ code: 'restores_note_unusable' }))
  await writeFile(`${file}.restored`, '2026-11-30T12:00:00.000Z\n2026-12-01T')
  expect(openEarlierRestores(file)).toMatchObject({ count: 1 })
})
