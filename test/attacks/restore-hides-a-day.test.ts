// @module-tag heavy
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEarlierRestores } from '../../agent/backup/earlier-restores.ts'
import { reopenJournal } from '../../agent/backup/hand-over.ts'
import type { RestoreOptions } from '../../agent/backup/restore.ts'
import { backUp, handOver, PARTS, PASSPHRASE, restore } from '../backup/parts.ts'
import { keyed } from '../backup/restored-shop.ts'
import { audited } from '../cli/audited.ts'
import { fiskalEdge } from '../cli/command.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { FastClock } from '../e2e/fast-clock.ts'
import { event, sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { verifyJournal } from '../verified-journal.ts'
import { configOf } from './insider.ts'

// The owner makes a backup, sells, closes, restores the backup, and says that the TSE is broken. Each step is documented.

const PART = 'Wiederherstellungen'

type Shop = { shop: Bench; register: Register; state: string }
/** `keepsTse`: the TSE is the one of the shop, which lives on; else it is thrown away, and another one is plugged in. */
type Way = { keepsTse: boolean; options?: Partial<RestoreOptions>; config?: Members; devices?: readonly Members[] }

/** A shop that sold 517.00 after its backup, and its restore. */
async function restoredShop(
  bench: Bench,
  register: Register,
  { keepsTse, options, devices }: Way,
  expected = '570.00',
): Promise<Shop> {
  const folder = await temporaryDirectory()
  await bench.stop()
  const { file } = await backUp(bench.config.state, folder)
  await bench.start()
  const till = keyed(bench, register)
  await sell(till, '517.00')
  await counted(till, expected)
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

test('a day left out by a restore is an objection until a person says why, and is reported permanently', async () => {
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
    [{ epoch: 2, lost: 'nothing_by_word', units: [{ device: 'tse-1', isCompared: false }] }],
  ])
  const tasks = shop.agent.administration.listTasks() as { id: string; instructions: string[] }[]
  expect(tasks.map(({ id }) => id)).toContain('epoch-2')
  const { code, part } = await judged(shop)
  expect([code, part?.valid]).toEqual([1, false])
  expect(part?.findings).toEqual([
    expect.stringMatching(
      /^Epoche 2 begann am .* aus dem Backup vom .*Verloren: unbekannt, nach Angabe.*nicht verglichen: tse-1 .*duty confirm epoch-2 --reason GRUND.*\(restore_unexplained\)$/,
    ),
  ])
  await shop.agent.administration.confirmTask('epoch-2', 'x')
  const later = await judged(shop)
  expect(later.part).toMatchObject({ valid: true, note: true })
  expect(later.report).toMatch(
    /- Was zwischen dem Backup vom .* geschah: Verloren: unbekannt, nach Angabe .*; Grund: x\./,
  )
  const config = await configOf(shop)
  const copied = await backUp(state, await temporaryDirectory())
  const verified = await fiskalEdge('verify', copied.file)
  expect([verified.code, verified.out]).toEqual([0, expect.stringMatching(/epoch 2 began at .*reason: x/)])
  const printed = await fiskalEdge('journal', 'verify', '--config', config)
  expect([printed.code, printed.out]).toEqual([
    0,
    expect.stringMatching(
      /! epoch 2 began at .*the backup of .*lost: nothing, by the word.*reason: x \(journal_restored\)/,
    ),
  ])
  expect(later.report).toMatch(
    /- TSE [0-9a-f]+, außer Betrieb genommen am .* \(Grund: defekt\): 2 Bons, 53,00 EUR: kein Archiv zeigt sie\./,
  )
  const future = await judged(shop, '--from', '2099-01-01')
  expect(future.part).toBeUndefined()
})

test('a restore after a dead disk names the healthy TSE that was taken over, and waits for its reason', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sell(register, '3.00')
  const { shop, state, register: moved } = await restoredShop(bench, register, { keepsTse: true })
  await using _ = shop
  await counted(moved, '570.00')
  await moved.till.create(closing(moved, '0.00'))
  const { restores } = await verifyJournal(state)
  expect(restores).toMatchObject([{ lost: 'unknown', units: [{ device: 'tse-1', isCompared: true }] }])
  const { part } = await judged(shop)
  expect(part).toMatchObject({
    valid: false,
    findings: [expect.stringMatching(/Seitdem verglichen: tse-1 \([0-9a-f]+, zeigte 2 Bons, 517,00 EUR\)\./)],
  })
  await shop.agent.administration.confirmTask('epoch-2', 'Platte defekt')
  expect((await judged(shop)).part).toMatchObject({ valid: true, note: true })
})

/** A shop of one sale that moves: its state, and the backup that ended it. */
async function movedShop(bench: Bench) {
  const register = await bench.till('50.00')
  await sell(register, '3.00')
  await bench.stop()
  const folder = await temporaryDirectory()
  const parts = { ...PARTS, stateDirectory: bench.config.state, path: join(folder, 'move.backup') }
  const { file } = await handOver({ ...parts, passphrase: PASSPHRASE })
  return { register, folder, file, parts: { ...parts, passphrase: PASSPHRASE } }
}

type Moved = Awaited<ReturnType<typeof movedShop>>
/** Where 517.00 are sold after the backup that ended the journal, and left out. */
const HIDDEN: Readonly<Record<string, (bench: Bench, moved: Moved) => Promise<void>>> = {
  'restored twice': async (_, { register, folder, file }) => {
    const state = join(folder, 'first')
    await restore(state, file)
    await using first = await Bench.open({ config: { state } })
    await sell(keyed(first, register), '517.00')
  },
  'restored after its old machine was reopened': async (bench, { register, parts }) => {
    await reopenJournal(parts)
    await bench.start()
    await sell(keyed(bench, register), '517.00')
    await bench.stop()
  },
}

test.each(Object.entries(HIDDEN))('a backup that ended the journal, %s, is an objection', async (_, hidden) => {
  await using bench = await Bench.open()
  const moved = await movedShop(bench)
  await hidden(bench, moved)
  const state = join(moved.folder, 'state')
  const first = { earlierRestores: openEarlierRestores(moved.file) }
  expect(await restore(state, moved.file, first)).toMatchObject({ complete: true })
  await rm(join(state, 'devices'), { recursive: true, force: true })
  await using shop = await Bench.open({ config: { state }, clock: new FastClock(20) })
  await newTse(shop)
  const tasks = shop.agent.administration.listTasks() as { id: string }[]
  expect(tasks.map(({ id }) => id)).toContain('epoch-2')
  const { code, part, report } = await judged(shop)
  expect([code, part?.valid]).toEqual([1, false])
  expect(part?.findings).toEqual([expect.stringMatching(/nicht verglichen: tse-1 .*\(restore_unexplained\)$/)])
  expect(report).not.toContain('Verloren: nichts')
  const config = await configOf(shop)
  const printed = await fiskalEdge('journal', 'verify', '--config', config)
  expect(printed.out).toMatch(/lost: unknown, the backup ended its journal; not compared since: tse-1/)
})

test('a move with its TSE names the comparison of the first start, and is a note once it has a reason', async () => {
  await using bench = await Bench.open()
  const { folder, file } = await movedShop(bench)
  const state = join(folder, 'state')
  await restore(state, file, { earlierRestores: openEarlierRestores(file) })
  await using shop = await Bench.open({ config: { state } })
  const { part, report } = await judged(shop)
  expect(part).toMatchObject({ valid: false, findings: [expect.stringContaining('Seitdem verglichen: tse-1')] })
  await shop.agent.administration.confirmTask('epoch-2', 'Umzug auf die neue Kasse')
  expect((await judged(shop)).part).toMatchObject({ valid: true, note: true })
  expect(report).toMatch(/- Was zwischen dem Backup .*Verloren: unbekannt, das Backup beendete das alte Journal/)
})

test('a second restore, of a backup made after the first one, needs its own explanation', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sell(register, '3.00')
  const first = await restoredShop(bench, register, { keepsTse: true })
  await using one = first.shop
  const way = { keepsTse: false, options: { word: 'nothing_lost' as const } }
  const second = await restoredShop(one, first.register, way, '1087.00')
  await using two = second.shop
  const told = (await verifyJournal(second.state)).restores
  expect(told.map(({ epoch, units }) => [epoch, units.map(({ isCompared }) => isCompared)])).toEqual([
    [2, [true]],
    [3, [false]],
  ])
  const { part } = await judged(two)
  expect(part).toMatchObject({
    valid: false,
    findings: [
      expect.stringMatching(/Seitdem verglichen: tse-1 .*\(restore_unexplained\)$/),
      expect.stringMatching(/Seitdem nicht verglichen: tse-1 .*\(restore_unexplained\)$/),
    ],
  })
  // The reason of another epoch explains nothing.
  await two.agent.administration.confirmTask('epoch-2', 'Festplatte getauscht')
  expect((await judged(two)).part).toMatchObject({ valid: false })
})

test('of two TSEs both must be compared: one that was not asked is named, though it had signed nothing', async () => {
  const devices = ['tse-1', 'tse-2'].map((id) => ({ id, driver: 'tse-simulator' }))
  await using bench = await Bench.open({ config: { devices } })
  const { locationId } = await bench.shop()
  const tills = await Promise.all(devices.map(({ id }) => tillOn(bench, locationId, id)))
  for (const till of tills.slice(0, 1)) {
    await till.till.create(event('session_open', till.id, { opening_balance_amount: '50.00' }))
    await sell(till, '3.00')
  }
  await bench.stop()
  const folder = await temporaryDirectory()
  const { file } = await backUp(bench.config.state, folder)
  const state = join(folder, 'state')
  await restore(state, file)
  await rm(join(state, 'devices'), { recursive: true, force: true })
  await cp(join(bench.config.state, 'devices', 'tse-1'), join(state, 'devices', 'tse-1'), { recursive: true })
  await using shop = await Bench.open({ config: { state, devices }, clock: new FastClock(20) })
  const compared = async () =>
    (await verifyJournal(state)).restores.flatMap(({ units }) => units.map(({ isCompared }) => isCompared))
  expect(await compared()).toEqual([true, false])
  await shop.stop()
  // The second one is plugged in later, and has nothing more: the technician has it asked.
  await rm(join(state, 'devices', 'tse-2'), { recursive: true, force: true })
  await cp(join(bench.config.state, 'devices', 'tse-2'), join(state, 'devices', 'tse-2'), { recursive: true })
  await shop.start()
  await shop.agent.administration.deviceAct('tse-2', 'adopt')
  expect(await compared()).toEqual([true, true])
  await expect(shop.agent.administration.deviceAct('tse-2', 'adopt')).rejects.toMatchObject({
    code: 'unprocessable_entity',
  })
})

async function tillOn(bench: Bench, location: string, device: string): Promise<Register> {
  const given = { location_id: location, name: `Kasse an ${device}`, fiscal_device: device }
  const id = String((await bench.office.post('/v1/registers', given))['id'])
  const done = await bench.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  const key = String(done['register_api_key'])
  return { id, clientId: '', key, till: bench.client({ 'X-Register-Api-Key': key }) }
}
