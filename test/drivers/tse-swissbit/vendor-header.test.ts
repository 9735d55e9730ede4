// @module-tag heavy
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { SwissbitTse } from '../../../drivers/tse-swissbit/driver.ts'
import type { SwissbitSimulatorOptions } from '../../../drivers/tse-swissbit/simulator.ts'
import { compileStub } from '../../../drivers/tse-swissbit/stub-library.ts'
import type { SwissbitOptions } from '../../../drivers/tse-swissbit/unit.ts'
import { collect, expectRefused, listed, sell } from '../../contracts/tse-checks.ts'
import { ManualClock } from '../../manual-clock.ts'
import { verifyArchive } from '../../verified-archive.ts'
import { optionsOn, unitIn } from './bench.ts'

let folder: string
let library: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'worm-'))
  library = await compileStub(folder)
})
afterAll(() => rm(folder, { recursive: true }))

/** A unit that is plugged in and set up. */
async function readyUnit(made: Partial<SwissbitSimulatorOptions> = {}, changed: Partial<SwissbitOptions> = {}) {
  const path = await mkdtemp(join(tmpdir(), 'wb-'))
  const simulator = unitIn({ path }, 'unit', made)
  const opened: SwissbitTse[] = []
  const openAgain = async (): Promise<SwissbitTse> => {
    for (const before of opened) await before.close()
    const tse = new SwissbitTse({ ...optionsOn(path, library), ...changed })
    opened.push(tse)
    await tse.open()
    return tse
  }
  onTestFinished(async () => {
    for (const tse of opened) await tse.close()
    await simulator.pullOut()
    await rm(path, { recursive: true })
  })
  await simulator.plugIn()
  const tse = await openAgain()
  await tse.initialise()
  return { simulator, tse, openAgain }
}

test.each([
  [16, false],
  [32, false],
  [48, false],
  [16, true],
  [32, true],
  [48, true],
])('a list of %i clients, in full pages, is read whole (ended by an empty page: %s)', async (count, endsListsEmpty) => {
  const { tse } = await readyUnit({ endsListsEmpty, limits: { clients: count } })
  // The agent has one itself.
  const tills = Array.from({ length: count - 1 }, (_, index) => `till-${index}`)
  for (const till of tills) await tse.registerClient(till)
  expect(await tse.clients()).toEqual(tills)
})

/** A filtered export whose reader is killed in the middle. */
async function leaveExport({ simulator, tse }: Awaited<ReturnType<typeof readyUnit>>): Promise<void> {
  await tse.registerClient('till-1')
  const sold = await sell(tse, 1)
  simulator.inject('crashed@export')
  await expectRefused(collect(tse, { transactionFrom: sold }), 'unavailable')
}

test('a filtered export that a killed reader left open bars neither sale, recall, export nor registration', async () => {
  const made = await readyUnit()
  const { tse } = made
  const acts: readonly (() => Promise<unknown>)[] = [
    () => tse.start('till-1'),
    () => tse.finish(2, 'till-1', 'Kassenbeleg-V1', Buffer.from('Beleg')),
    () => tse.openTransactions(),
    () => tse.recall(1),
    () => collect(tse, {}),
    () => tse.registerClient('till-2'),
    () => tse.setTime(),
  ]
  for (const act of acts) {
    await leaveExport(made)
    await act()
  }
  expect((await verifyArchive(await collect(tse, {}))).findings).toEqual([])
})

test('an enrolled unit that such an export holds at the start opens, and gives its certificate', async () => {
  const made = await readyUnit({}, { enrolledSerial: () => 'enrolled' })
  await leaveExport(made)
  const again = await made.openAgain()
  expect((await again.identity()).certificates).toHaveLength(3)
  expect((await again.start('till-1')).transaction).toBe(2)
})

test('a unit that is not enrolled is only looked at while such an export holds it', async () => {
  const made = await readyUnit()
  await leaveExport(made)
  const again = await made.openAgain()
  expect((await again.identity()).certificates).toEqual([])
  expect((await again.start('till-1')).transaction).toBeGreaterThan(1)
})

test.each(['info', 'certificate', 'login', 'logout', 'updateTime', 'start', 'finish', 'last', 'started', 'export'])(
  '1016 at %s costs no start of the driver, no sale and no export',
  async (act) => {
    const { simulator, openAgain, tse } = await readyUnit({}, { enrolledSerial: () => 'enrolled' })
    await tse.registerClient('till-1')
    simulator.inject(`error=1016@${act}`)
    const again = await openAgain()
    await again.identity()
    await again.setTime()
    await sell(again, 1)
    await again.openTransactions()
    await again.lastLog(undefined, 'till-1')
    expect((await verifyArchive(await collect(again, { transactionFrom: 1 }), { filtered: true })).findings).toEqual([])
  },
)

function finishOf(tse: SwissbitTse, transaction: number): Promise<unknown> {
  return tse.finish(transaction, 'till-1', 'Kassenbeleg-V1', Buffer.from('Beleg'))
}
const mayHaveSigned = { code: 'refused', effect: 'unknown' }

test.each([0x7777, 0x1001, 0xff00])(
  'a unit in its energy-saving state (error %i) is woken in each state of a sale',
  async (code) => {
    const { simulator, tse, openAgain } = await readyUnit({}, { enrolledSerial: () => 'enrolled' })
    await tse.registerClient('till-1')
    simulator.fallAsleep(code)
    await expect(tse.start('till-1')).rejects.toMatchObject(mayHaveSigned)
    expect(await tse.openTransactions('till-1')).toEqual([])
    const { transaction } = await tse.start('till-1')
    simulator.fallAsleep(code)
    await expect(finishOf(tse, transaction)).rejects.toMatchObject(mayHaveSigned)
    expect(await tse.openTransactions('till-1')).toEqual([transaction])
    await finishOf(tse, transaction)
    simulator.fallAsleep(code)
    // The ladder of a question takes this step; a unit that is awake would need none.
    await expect(tse.recall(transaction)).rejects.toMatchObject({ code: 'refused' })
    expect([await tse.remedy('self_test', 'till-1'), await tse.remedy('self_test', 'till-1')]).toEqual([true, false])
    await tse.setTime()
    expect((await tse.recall(transaction))?.finish).toBeDefined()
    simulator.fallAsleep(code)
    const again = await openAgain()
    expect((await again.identity()).certificates).toHaveLength(3)
    await sell(again, 1)
    if (code === 0x1001) simulator.fallAsleep(code)
    await again.setTime()
  },
)

test('a unit that answers an unnamed error to every start gets one self-test, until it signs again', async () => {
  const { simulator, tse } = await readyUnit()
  await tse.registerClient('till-1')
  const testsMade = async () =>
    (await listed(await collect(tse, {}))).filter((name) => name.includes('_Log-Sys_selfTest')).length
  const before = await testsMade()
  simulator.inject('error=1001@start#*')
  for (let tries = 0; tries < 3; tries += 1) await expect(tse.start('till-1')).rejects.toMatchObject(mayHaveSigned)
  expect(await testsMade()).toBe(before + 1)
  simulator.clearFaults()
  await sell(tse, 1)
  simulator.inject('error=1001@start')
  await expect(tse.start('till-1')).rejects.toMatchObject(mayHaveSigned)
  expect(await testsMade()).toBe(before + 2)
})

test.each(['3', '8', '1001'])(
  'a login that is answered %s bars no PIN, also across a replug and a restart',
  async (code) => {
    const { simulator, tse, openAgain } = await readyUnit()
    simulator.inject(`error=${code}@login#*`)
    for (let tries = 0; tries < 3; tries += 1) await expect(tse.registerClient('till-1')).rejects.toThrow('the library')
    await simulator.pullOut()
    await simulator.plugIn()
    await tse.open()
    await expect(tse.registerClient('till-1')).rejects.toThrow('the library')
    const again = await openAgain()
    expect((await again.health()).refusedPin).toBeUndefined()
    await expect(again.registerClient('till-1')).rejects.toThrow('the library')
    simulator.clearFaults()
    await again.registerClient('till-1')
  },
)

test('a login that twice got no answer is tried again after the unit was unplugged and plugged in', async () => {
  const clock = new ManualClock()
  const { simulator, tse } = await readyUnit({}, { clock })
  simulator.inject('crashed@login#*')
  await expect(tse.registerClient('till-1')).rejects.toThrow()
  await clock.advance(60_001)
  await expect(tse.registerClient('till-1')).rejects.toThrow()
  await clock.advance(60_001)
  await expectRefused(tse.registerClient('till-1'), 'not_authorised')
  simulator.clearFaults()
  await simulator.pullOut()
  await expect(tse.registerClient('till-1')).rejects.toThrow()
  await simulator.plugIn()
  await tse.open()
  await tse.registerClient('till-1')
})

test.each([
  ['new', [0, 100, 100, 100], false],
  ['with an error that its flash did not correct', [1, 100, 100, 100], true],
  ['with few spare blocks', [0, 24, 100, 100], true],
] as const)('a unit that is %s says whether its memory is to be replaced', async (_state, wear, expected) => {
  const { tse, simulator } = await readyUnit({ wear })
  expect((await tse.health()).replacementNeeded).toBe(expected)
  simulator.inject('error@wear')
  expect(await tse.health()).not.toHaveProperty('replacementNeeded')
})
