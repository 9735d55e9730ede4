// @module-tag heavy
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { SwissbitTse } from '../../../drivers/tse-swissbit/driver.ts'
import type { SwissbitSimulatorOptions } from '../../../drivers/tse-swissbit/simulator.ts'
import { compileStub } from '../../../drivers/tse-swissbit/stub-library.ts'
import type { SwissbitOptions } from '../../../drivers/tse-swissbit/unit.ts'
import { collect, expectRefused, sell } from '../../contracts/tse-checks.ts'
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
])(
  'a list of %i clients, in full pages, is read to its end (by an empty page: %s)',
  async (count, endsListsEmpty) => {
    const { tse } = await readyUnit({ endsListsEmpty, limits: { clients: count } })
    // The agent has one itself.
    const tills = Array.from({ length: count - 1 }, (_, index) => `till-${index}`)
    for (const till of tills) await tse.registerClient(till)
    expect(await tse.clients()).toEqual(tills)
  },
)

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

test('an enrolled unit that such an export holds at the start opens, and tells its certificate', async () => {
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
