// @module-tag heavy
import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEarlierRestores } from '../../agent/backup/earlier-restores.ts'
import type { RestoreOptions } from '../../agent/backup/restore.ts'
import { austrianTill, closingTypes, ONE_CARD, receiptOf, sell, verifiedDep } from '../e2e/austria/shop.ts'
import type { Bench, Register } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'
import { opened, putBack, shifted, untilKept } from './lost-states.ts'
import { backUp, handOver, PARTS, PASSPHRASE, restore } from './parts.ts'
import { asidesOf, keyed, lastReceiptOf } from './restored-shop.ts'

// The rule of numbers after a loss for an Austrian register: its chain continues from its last receipt or not at all. Of a
// restore the person says so beforehand, of a state that was put back afterwards.

const DAY_MS = 86_400_000

type Back = {
  readonly way: 'restore' | 'tail' | 'final' | 'folder' | 'unmarked folder'
  readonly word?: RestoreOptions['word']
  readonly unit?: 'there' | 'away' | 'replaced'
  readonly hasTarget?: boolean
  readonly clocks?: readonly [number, number]
  /** What the shop does after the backup or the copy. */
  readonly lost?: 'nothing' | 'receipt'
}
type Way = Back & {
  /** The restore itself is refused, the chain waits for a word, the register has ended, or it continues. */
  readonly end: 'refused' | 'waits' | 'ended' | number
}

/** The Startbeleg and one receipt came before the backup or the copy; receipt 3 is on paper, unless nothing was lost. */
const WAYS: readonly Way[] = [
  { way: 'restore', end: 'refused' },
  { way: 'restore', clocks: [2 * DAY_MS, 0], end: 'refused' },
  { way: 'restore', clocks: [0, -2 * DAY_MS], end: 'refused' },
  { way: 'restore', word: 'close_registers', end: 'ended' },
  { way: 'restore', word: 'nothing_lost', lost: 'nothing', end: 3 },
  { way: 'restore', word: 'nothing_lost', lost: 'nothing', unit: 'away', end: 3 },
  { way: 'tail', hasTarget: true, end: 'refused' },
  { way: 'tail', hasTarget: true, word: 'nothing_lost', end: 4 },
  { way: 'tail', hasTarget: true, word: 'close_registers', end: 'ended' },
  { way: 'final', lost: 'nothing', end: 3 },
  { way: 'folder', end: 'waits' },
  { way: 'folder', unit: 'away', end: 'waits' },
  { way: 'folder', unit: 'replaced', end: 'waits' },
  { way: 'folder', clocks: [0, 2 * DAY_MS], end: 'waits' },
  { way: 'folder', clocks: [0, -2 * DAY_MS], end: 'waits' },
  { way: 'unmarked folder', hasTarget: true, end: 'waits' },
  { way: 'unmarked folder', hasTarget: true, unit: 'away', end: 'waits' },
  // Nothing is left that could show it.
  { way: 'unmarked folder', end: 3 },
]

async function lose(bench: Bench, register: Register, lost: Way['lost']): Promise<void> {
  if (lost !== 'nothing') await sell(register, '512.34')
  await untilKept(bench)
}

/** A sale, and a Nullbeleg after it if a card signs: how many closings came, and the last number of the chain. */
async function soldOn(register: Register): Promise<{ closings: number; last: number }> {
  const before = (await closingTypes(register)).length
  const sold = receiptOf(await sell(register, '4.00'))
  if (sold.security_device_failed) return { closings: 0, last: Number(sold.receipt_number) }
  const zero = await register.till.post(`/v1/registers/${register.id}/closings`, { type: 'zero' })
  return { closings: (await closingTypes(register)).length - before, last: Number(zero['document_number']) }
}

/** The number in the journal is that of the chain: a closing has the one after the sale. */
async function demandChain(shop: Bench, register: Register, { end, clocks }: Way): Promise<void> {
  const next = end === 'waits' ? 3 : end
  if ((clocks?.[1] ?? 0) < 0) return expect(sell(register, '4.00')).rejects.toThrow(/the last receipt/)
  if (typeof next !== 'number') return
  const { closings, last } = await soldOn(register)
  expect([last, lastReceiptOf(shop)]).toEqual([next + closings, next + closings])
  expect(await verifiedDep(shop, register.id)).toMatchObject({ valid: true, receipts: next + closings })
}

async function restored(bench: Bench, register: Register, row: Way, config: Members) {
  const clock = shifted(row.clocks?.[1])
  const folder = await temporaryDirectory()
  await bench.stop()
  const path = join(folder, 'shop.backup')
  const parts = { ...PARTS, stateDirectory: bench.config.state, path, passphrase: PASSPHRASE }
  const { file } = row.way === 'final' ? await handOver(parts) : await backUp(bench.config.state, folder)
  if (row.way !== 'final') {
    await bench.start()
    await lose(bench, keyed(bench, register), row.lost)
    await bench.stop()
  }
  const [target] = bench.config.sync.targets
  const tails = row.way === 'tail' && target?.kind === 'file' ? [target.folder] : []
  const state = join(folder, 'state')
  const made = restore(state, file, {
    ...{ tails, clock, earlierRestores: openEarlierRestores(file) },
    ...(row.word && { word: row.word }),
  })
  if (row.end === 'refused') return void (await expect(made).rejects.toMatchObject({ code: 'receipts_may_be_missing' }))
  await made
  await rm(join(state, 'devices'), { recursive: true })
  await cp(join(bench.config.state, 'devices'), join(state, 'devices'), { recursive: true })
  const shop = await opened({ config: { ...config, state }, clock })
  return { shop, register: keyed(shop, register), state }
}

test.each(WAYS)(
  'Austria: after $way, word $word, lost $lost, card $unit, target $hasTarget, clocks $clocks: $end',
  async (row) => {
    const disk = join(await temporaryDirectory(), 'disk')
    await mkdir(disk)
    const sync = row.hasTarget === true ? { sync: { targets: [{ id: 'disk', kind: 'file', folder: disk }] } } : {}
    const config = { ...ONE_CARD, ...sync }
    await using bench = await opened({ config, clock: shifted(row.clocks?.[0]) })
    const register = await austrianTill(bench)
    await sell(register, '10.00')
    const isPutBack = row.way === 'folder' || row.way === 'unmarked folder'
    const back = isPutBack
      ? await putBack(bench, register, {
          lose: (till) => lose(bench, till, row.lost),
          unit: row.unit === 'replaced' ? 'replaced' : 'there',
          isMarked: row.way === 'folder',
          config,
          clock: shifted(row.clocks?.[1]),
        })
      : await restored(bench, register, row, config)
    if (back === undefined) return void (await bench.start())
    const { shop } = back
    await using _ = shop
    if (row.unit === 'away') await shop.faultAt('card-1', 'unplugged@*')
    if (row.end === 'ended') await expect(sell(back.register, '4.00')).rejects.toThrow(/register_decommissioned/)
    if (row.end === 'waits') {
      await expect(sell(back.register, '4.00')).rejects.toThrow(/chain_put_back/)
      await shop.agent.administration.confirmTask('epoch-2', 'Papier geprüft: nichts fehlt')
    }
    expect(asidesOf(shop)).toEqual([])
    await demandChain(shop, back.register, row)
    const tasks = shop.agent.administration.listTasks() as { id: string }[]
    const isOpen = row.end !== 'waits' && !(isPutBack && row.end === 3)
    expect(tasks.map(({ id }) => id).filter((id) => id.startsWith('epoch-'))).toEqual(isOpen ? ['epoch-2'] : [])
    await shop.stop()
    const { valid, codes } = await verifyJournal(shop.config.state)
    expect([valid, codes]).toEqual([true, []])
    if (row.way !== 'final') await bench.start()
  },
)
