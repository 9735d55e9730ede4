import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RestoreOptions } from '../../agent/backup/restore.ts'
import { backUp, restore } from '../backup/parts.ts'
import { keyed } from '../backup/restored-shop.ts'
import { audited } from '../cli/audited.ts'
import { fiskalEdge } from '../cli/command.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { FastClock } from '../e2e/fast-clock.ts'
import { sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { verifyJournal } from '../verified-journal.ts'
import { configOf } from './insider.ts'

// The owner makes a backup, sells, closes, restores the backup, and says that the TSE is broken. Each step is documented.

const PATIENCE_MS = 240_000
const PART = 'Wiederherstellungen'

type Shop = { shop: Bench; register: Register; state: string }
/** `keepsTse`: the TSE is the one of the shop, which lives on; else it is thrown away, and another one is plugged in. */
type Way = { keepsTse: boolean; options?: Partial<RestoreOptions>; config?: Members; devices?: readonly Members[] }

/** A shop that sold 517.00 after its backup, and its restore. */
async function restoredShop(bench: Bench, register: Register, { keepsTse, options, devices }: Way): Promise<Shop> {
  const folder = await temporaryDirectory()
  await bench.stop()
  const { file } = await backUp(bench.config.state, folder)
  await bench.start()
  const till = keyed(bench, register)
  await sell(till, '517.00')
  await counted(till, '567.00')
  await till.till.create(closing(till, '0.00'))
  await bench.stop()
  const state = join(folder, 'state')
  await restore(state, file, options)
  await rm(join(state, 'devices'), { recursive: true, force: true })
  if (keepsTse) await cp(join(bench.config.state, 'devices'), join(state, 'devices'), { recursive: true })
  const config = { state, ...(devices !== undefined && { devices }) }
  const shop = await Bench.open({ config, clock: new FastClock(20) })
  return { shop, register: keyed(shop, register), state }
}

async function judged(shop: Bench, ...more: string[]) {
  return inDirectory(async (directory) => {
    const { code, parts, folder } = await audited(shop, directory, ...more)
    const { readFile } = await import('node:fs/promises')
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    return { code, part: parts.find(({ name }) => name === PART), parts, report }
  })
}

async function newTse(shop: Bench): Promise<void> {
  await shop.agent.administration.retireTse('tse-1', 'defekt')
  await shop.untilDevice('ready')
}

test(
  'a day left out by a restore and a retirement is an objection until a person says why, and is reported permanently',
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till('50.00')
    await sell(register, '3.00')
    const way = { keepsTse: false, options: { word: 'nothing_lost' as const } }
    const { shop, register: moved, state } = await restoredShop(bench, register, way)
    await using _ = shop
    await newTse(shop)
    await sell(moved, '4.00')
    const { valid, restores } = await verifyJournal(state)
    expect([valid, restores]).toMatchObject([
      true,
      [{ epoch: 2, lost: 'nothing, by the word of the technician', units: [{ device: 'tse-1', isCompared: false }] }],
    ])
    const tasks = shop.agent.administration.listTasks() as { id: string; instructions: string[] }[]
    expect(tasks.map(({ id }) => id)).toContain('epoch-2')
    const { code, part } = await judged(shop)
    expect([code, part?.valid]).toEqual([1, false])
    expect(part?.findings).toEqual([
      expect.stringMatching(
        /^Epoche 2 begann am .* aus dem Backup vom .*Verloren: nichts, nach Angabe.*nicht verglichen: tse-1 .*task confirm epoch-2 --reason GRUND.*\(restore_unexplained\)$/,
      ),
    ])
    await shop.agent.administration.confirmTask('epoch-2', 'x')
    const later = await judged(shop)
    expect(later.part).toMatchObject({ valid: true, note: true })
    expect(later.report).toMatch(
      /- Was zwischen dem Backup vom .* geschah: Verloren: nichts, nach Angabe .*; Grund: x\./,
    )
    const config = await configOf(shop)
    const printed = await fiskalEdge('journal', 'verify', '--config', config)
    expect([printed.code, printed.out]).toEqual([
      0,
      expect.stringMatching(
        /! epoch 2 began at .*the backup of .*lost: nothing, by the word.*reason: x \(journal_restored\)/,
      ),
    ])
    expect(later.report).toMatch(
      /- TSE [0-9a-f]+, außer Betrieb genommen am .* \(Grund: defekt\): 2 Bons über 53,00 EUR: kein Archiv zeigt sie\./,
    )
    const future = await judged(shop, '--from', '2099-01-01')
    expect(future.part).toBeUndefined()
  },
  PATIENCE_MS,
)

test(
  'a restore after a dead disk is a note if the healthy TSE was taken over',
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till('50.00')
    await sell(register, '3.00')
    const { shop, state } = await restoredShop(bench, register, { keepsTse: true })
    await using _ = shop
    const { restores } = await verifyJournal(state)
    expect(restores).toMatchObject([{ lost: 'unknown', units: [{ device: 'tse-1', isCompared: true }] }])
    const { part } = await judged(shop)
    expect(part).toMatchObject({
      valid: true,
      note: true,
      findings: [expect.stringContaining('Seitdem verglichen: tse-1')],
    })
  },
  PATIENCE_MS,
)
