import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SwissbitTse } from '../../../drivers/tse-swissbit/driver.ts'
import { compileStub } from '../../../drivers/tse-swissbit/stub-library.ts'
import { verifyTar } from '../../../verify/tse/verify-tar.ts'
import { collect, collectPortions, expectRefused, listed, plain, sell } from '../../contracts/tse-checks.ts'
import { heavy } from '../../tags.ts'
import { verifyArchive } from '../../verified-archive.ts'
import { optionsOn, unitIn } from './bench.ts'

/** A unit of firmware 2 that is set up and has two registers. */
async function readyUnit() {
  const path = await mkdtemp(join(tmpdir(), 'wb-'))
  const library = await compileStub(path)
  const simulator = unitIn({ path }, 'unit', { firmware: 2 })
  const opened: SwissbitTse[] = []
  const openIn = async (folder: string): Promise<SwissbitTse> => {
    const tse = new SwissbitTse({ ...optionsOn(path, library), directory: join(path, folder) })
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
  const tse = await openIn('spool')
  await tse.initialise()
  for (const client of ['till-1', 'till-2']) await tse.registerClient(client)
  return { simulator, tse, openIn }
}

async function countersAfter(tse: SwissbitTse, afterCounter: number): Promise<readonly number[]> {
  const names = await listed(await collect(tse, { afterCounter }))
  return names.flatMap((name) => /_Sig-(\d+)_/.exec(name)?.[1] ?? []).map(Number)
}

/** Deletes what the unit holds; `between`: after it was kept. */
function archived(tse: SwissbitTse, between: () => Promise<unknown> = async () => undefined): Promise<void> {
  return tse.archiveAndDelete(async (archive) => {
    const { lastCounter = 0 } = await verifyTar(archive)
    await between()
    return { lastCounter }
  })
}

test('firmware 2, which refuses filtered exports, answers each filter from its entries', heavy(), async () => {
  const { tse } = await readyUnit()
  const first = await sell(tse, 3)
  const second = await sell(tse, 2, 'till-2')
  const range = await collect(tse, { transactionFrom: first + 1, transactionTo: first + 2 })
  expect((await verifyArchive(range, { filtered: true })).findings).toEqual([])
  expect((await listed(range)).filter((name) => name.includes('_Log-Tra_'))).toHaveLength(4)
  const ofClient = await listed(await collect(tse, { clientId: 'till-2' }))
  expect(ofClient.filter((name) => name.includes('_Log-Tra_'))).toHaveLength(4)
  await expectRefused(collect(tse, { transactionFrom: 1000 }), 'no_data')
  const { transaction } = await tse.start('till-1')
  expect((await tse.recall(transaction))?.finish).toBeUndefined()
  expect(await tse.recall(second)).toMatchObject({ clientId: 'till-2', finish: { processType: 'Kassenbeleg-V1' } })
  expect(await tse.recall(transaction + 1)).toBeUndefined()
})

test('an archive from the entries, with sales in between, is the whole one of firmware 2', heavy(), async () => {
  const { tse } = await readyUnit()
  await sell(tse, 90)
  const names = await listed(await collect(tse, {}))
  const [archive] = await Promise.all([collectPortions(tse, {}), sell(tse, 5, 'till-2')])
  const report = await verifyArchive(archive)
  expect(report).toMatchObject({ findings: [], firstCounter: 1 })
  expect(await listed(archive)).toEqual(expect.arrayContaining([...names]))
  await expectRefused(collectPortions(tse, {}, 5), 'garbled')
})

test(
  'what firmware 2 signed after a counter is read from there on, after a restart and a deletion too',
  heavy(),
  async () => {
    const { tse, openIn, simulator } = await readyUnit()
    expect(tse.resumesExports).toBe(true)
    await sell(tse, 2)
    const { length: before } = await countersAfter(tse, 0)
    await sell(tse, 1)
    await tse.close()
    const again = await openIn('spool')
    simulator.inject('lost-request@exportEntry#6+')
    // The kept entry, then that, the two after it, and the end.
    expect(await countersAfter(again, before)).toEqual([before + 1, before + 2])
    simulator.clearFaults()
    await archived(again)
    const start = await again.start('till-1')
    const [lowest = 0, ...rest] = await countersAfter(again, before)
    expect(lowest).toBeGreaterThan(before + 2)
    expect(rest).toContain(start.signatureCounter)
    expect((await again.recall(start.transaction))?.start).toMatchObject(plain(start))
  },
)

test(
  'an id that belongs to another log since the deletion of another program begins the walk again',
  heavy(),
  async () => {
    const { tse, openIn } = await readyUnit()
    await sell(tse, 2)
    const last = (await countersAfter(tse, 0)).at(-1) ?? 0
    const other = await openIn('of-another-program')
    await archived(other)
    await sell(other, 10)
    const counters = await countersAfter(tse, last)
    expect(counters.length).toBeGreaterThan(20)
    expect(counters).toEqual(await countersAfter(other, 0))
  },
)

test(
  'firmware 2 takes one user at a time: a sale that sets the time ends a deletion, and the next one deletes',
  heavy(),
  async () => {
    const { tse, simulator } = await readyUnit()
    const first = await sell(tse, 1)
    simulator.inject('clock-lost@start')
    const interrupted = archived(tse, () => tse.start('till-1'))
    await expectRefused(interrupted, 'unexported_data')
    expect((await tse.recall(first))?.finish).toBeDefined()
    await archived(tse)
    expect(await tse.recall(first)).toBeUndefined()
  },
)
