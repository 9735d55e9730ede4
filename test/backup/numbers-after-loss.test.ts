// @module-tag heavy
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Bench, Register } from '../e2e/bench.ts'
import { sell } from '../e2e/goods.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'
import { opened, putBack, withUnit } from './lost-states.ts'
import { backUp, restore } from './parts.ts'
import { asidesOf, keyed, lastReceiptOf } from './restored-shop.ts'

// Numbers that may be on paper are never given again, whatever brought the older state back (W-15).

const PATIENCE_MS = 240_000

/** A shop that gave the numbers 1 to 3. */
async function shopOfThree(): Promise<{ bench: Bench; register: Register }> {
  const bench = await opened()
  const register = await bench.till()
  await sell(register, '1.00')
  await sell(register, '2.00')
  return { bench, register }
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

test(
  'receipts printed without the unit before a restore keep their numbers: the next sale is above 1,000 a day',
  async () => {
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
  },
  PATIENCE_MS,
)

test(
  'a state put back while its unit is away gives no number twice, by the file of its journal',
  async () => {
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
  },
  PATIENCE_MS,
)

test(
  'without that mark the numbers given twice are named when the unit shows the loss, and explained by its duty',
  async () => {
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
    await again.agent.administration.confirmTask('epoch-2', 'Kopie eingespielt; Papier 4 und 5 liegt bei')
    expect(await codesOf(again)).toContainEqual(['receipt_numbers_twice', 'note'])
    await bench.start()
  },
  PATIENCE_MS,
)

test(
  'an evening without the unit, then the state put back with the unit there: no number twice, and no person',
  async () => {
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
  },
  PATIENCE_MS,
)
