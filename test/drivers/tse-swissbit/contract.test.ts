// @module-tag heavy
import { access, mkdir, mkdtemp, mkdtempDisposable, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DeviceError } from '../../../drivers/errors.ts'
import { signTse } from '../../../drivers/recording/sign-tse.ts'
import { SwissbitTse } from '../../../drivers/tse-swissbit/driver.ts'
import { SwissbitSimulator } from '../../../drivers/tse-swissbit/simulator.ts'
import { compileStub } from '../../../drivers/tse-swissbit/stub-library.ts'
import type { SwissbitOptions } from '../../../drivers/tse-swissbit/unit.ts'
import { SwissbitUnit } from '../../../drivers/tse-swissbit/unit.ts'
import { UnitTime } from '../../../drivers/unit-time.ts'
import { describeTse } from '../../contracts/tse.ts'
import { collect, expectRefused, sell } from '../../contracts/tse-checks.ts'
import { ManualClock } from '../../manual-clock.ts'
import { patientClock, patientWithProcesses } from '../../patient-clock.ts'
import { verifyArchive } from '../../verified-archive.ts'
import { optionsOn, REPLY_MS, unitIn } from './bench.ts'

const MAX_OPEN_TRANSACTIONS = 12

let folder: string
let library: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'worm-'))
  library = await compileStub(folder)
})
afterAll(() => rm(folder, { recursive: true }))

function tseOn(directory: string, path = library): SwissbitTse {
  return new SwissbitTse(optionsOn(directory, path))
}

/** A unit that is plugged in and set up. */
async function readyIn(
  place: { path: string },
  simulator = unitIn(place),
  path = library,
  clock: SwissbitOptions['clock'] = patientWithProcesses,
) {
  await simulator.plugIn()
  const tse = new SwissbitTse({ ...optionsOn(place.path, path), clock })
  await tse.open()
  await tse.initialise()
  return { simulator, tse }
}

describeTse(
  'a Swissbit TSE behind its library',
  { faults: true, replyMs: REPLY_MS, refusesWhenBusy: false, deletesApart: false },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'wb-'))
    const simulator = new SwissbitSimulator({
      directory: join(directory, 'unit'),
      mount: join(directory, 'm'),
      clock: patientClock,
      limits: { openTransactions: MAX_OPEN_TRANSACTIONS },
    })
    await simulator.plugIn()
    const tse = tseOn(directory)
    return {
      tse,
      reopen: async () => tseOn(directory),
      inject: (fault) => simulator.inject(fault),
      clearFaults: () => simulator.clearFaults(),
      unplug: () => simulator.pullOut(),
      plugIn: () => simulator.plugIn(),
      maxOpenTransactions: MAX_OPEN_TRANSACTIONS,
      destroy: async () => {
        await tse.close()
        await simulator.pullOut()
        await rm(directory, { recursive: true })
      },
    }
  },
)

test('a library that crashes or hangs in the middle of an act affects no other unit, and its result is found', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const { simulator, tse } = await readyIn(place)
  await tse.registerClient('till-1')
  simulator.inject('crashed@start')
  await expect(tse.start('till-1')).rejects.toMatchObject({ code: 'unavailable', effect: 'unknown' })
  expect(await tse.openTransactions('till-1')).toEqual([1])
  // The library waits endlessly for an answer that never comes.
  simulator.inject('lost-answer@start')
  await expect(tse.start('till-1')).rejects.toMatchObject({ code: 'timeout', effect: 'unknown' })
  expect(await tse.openTransactions('till-1')).toEqual([1, 2])
  expect((await tse.start('till-1')).transaction).toBe(3)
  await tse.close()
  await simulator.pullOut()
})

test('a cancelled export is invalid, also if the library finished first', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const { simulator, tse } = await readyIn(place)
  await tse.close()
  const unit = new SwissbitUnit(optionsOn(place.path, library))
  await unit.open()
  const wanted = { kind: 'all', from: 0, to: 0, clientId: undefined } as const
  const ended = { code: 'export_running', effect: 'none' }
  await expect(unit.export(wanted, { isWaitedFor: () => true })).rejects.toMatchObject(ended)
  expect(await unit.export(wanted)).toContain('export-')
  await unit.close()
  await simulator.pullOut()
})

/** An open unit that another program set up: it has a client, and not that of the agent. */
async function foreignIn(place: { path: string }): ReturnType<typeof readyIn> {
  const ready = await readyIn(place)
  const { simulator, tse } = ready
  await tse.registerClient('old-till')
  await tse.deregisterClient('fiskal-edge')
  await simulator.pullOut()
  await simulator.plugIn()
  await tse.open()
  return ready
}

test('a unit that another program set up gets the client of the agent, and signs', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const { simulator, tse } = await foreignIn(place)
  // Not enrolled yet: it is looked at without a login.
  expect(await tse.identity()).toMatchObject({ certificates: [] })
  await tse.initialise()
  expect((await tse.identity()).certificates).toHaveLength(3)
  await tse.registerClient('till-1')
  expect((await tse.start('till-1')).transaction).toBe(1)
  expect(await tse.clients()).toEqual(['old-till', 'till-1'])
  await tse.close()
  await simulator.pullOut()
})

test('the client that a recording added to the unit of another program is removed again', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const { simulator, tse } = await foreignIn(place)
  const { signed } = await signTse(tse, new UnitTime(patientClock), () => undefined)
  expect(signed).toHaveLength(4)
  await tse.close()
  const unit = new SwissbitUnit(optionsOn(place.path, library))
  await unit.open()
  expect(await unit.clients()).toEqual(['old-till'])
  await unit.close()
  await simulator.pullOut()
})

test('a list of open transactions that fills one call is continued with the next', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const { simulator, tse } = await readyIn(place)
  await tse.registerClient('till-1')
  const numbers: number[] = []
  for (const count of [62, 63]) {
    while (numbers.length < count) numbers.push((await tse.start('till-1')).transaction)
    expect(await tse.openTransactions()).toEqual(numbers)
  }
  await tse.close()
  await simulator.pullOut()
})

test('an archive is exported with the newest time on record while the clock of this machine is suspect', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const clock = new ManualClock(Date.parse('2026-11-20T12:00:00Z'))
  const { simulator, tse } = await readyIn(place, unitIn(place, 'unit', { clock }), library, clock)
  await tse.registerClient('till-1')
  await sell(tse, 1)
  await simulator.pullOut()
  await simulator.plugIn()
  clock.jump(-3_600_000)
  await tse.open()
  await tse.selfTest()
  expect((await verifyArchive(await collect(tse, {}))).findings).toEqual([])
  await expectRefused(tse.start('till-1'), 'clock_suspect')
  clock.jump(3_600_001)
  await sell(tse, 1)
  await tse.close()
  await simulator.pullOut()
})

test('a unit that was replaced while its library was down is foreign: nothing is written to it', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const [one, other] = [unitIn(place, 'one'), unitIn(place, 'other')]
  const { tse } = await readyIn(place, one)
  await tse.registerClient('till-1')
  one.inject('crashed@start')
  await expect(tse.start('till-1')).rejects.toMatchObject({ effect: 'unknown' })
  await one.pullOut()
  await other.plugIn()
  await expect(tse.openTransactions()).rejects.toMatchObject({ code: 'foreign', effect: 'none' })
  await tse.close()
  await other.pullOut()
})

test('a unit whose serial number exists from its set-up on is set up at once, and another one is foreign', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const [one, other] = [unitIn(place, 'one', { isNamedBySetUp: true }), unitIn(place, 'other')]
  const { tse } = await readyIn(place, one, await compileStub(place.path, { isByPath: true }))
  await tse.registerClient('till-1')
  expect((await tse.start('till-1')).transaction).toBe(1)
  await one.pullOut()
  await other.plugIn()
  await expect(tse.health()).rejects.toMatchObject({ code: 'foreign', effect: 'none' })
  await tse.close()
  await other.pullOut()
})

test('a unit of another dealer is asked once with a seed, which the refusal names, and set up with its own', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const simulator = unitIn(place, 'unit', { factorySeed: 'of another dealer' })
  await simulator.plugIn()
  const tse = tseOn(place.path)
  await tse.open()
  const refused = { code: 'pin_wrong', effect: 'none', message: expect.stringContaining('another seed than "seed"') }
  await expect(tse.initialise()).rejects.toMatchObject(refused)
  // Neither by itself nor by the command: three refusals would lock its PUK.
  for (let times = 0; times < 3; times += 1)
    await expect(tse.admit(() => tse.initialise(), true)).rejects.toThrow('the same PIN is not tried again')
  await tse.close()
  const other = new SwissbitTse({ ...optionsOn(place.path, library), seed: 'of another dealer' })
  await other.open()
  await other.initialise()
  await other.registerClient('till-1')
  expect((await other.start('till-1')).transaction).toBe(1)
  await other.close()
  await simulator.pullOut()
})

test('wrong seeds that locked the first PUK of a unit are reported as such', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const simulator = unitIn(place, 'unit', { factorySeed: 'of another dealer' })
  await simulator.plugIn()
  const refusals: unknown[] = []
  for (const seed of ['one', 'two', 'three', 'of another dealer']) {
    const tse = new SwissbitTse({ ...optionsOn(place.path, library), seed })
    await tse.open()
    refusals.push(await tse.initialise().catch((error: unknown) => error))
    await tse.close()
  }
  expect(refusals.map((refusal) => (refusal as DeviceError).code)).toEqual([
    ...['pin_wrong', 'pin_wrong', 'pin_wrong'],
    'pin_locked',
  ])
  expect(String(refusals[3])).toContain('its first PUK is locked after wrong seeds')
  await simulator.pullOut()
})

test('a unit whose interface another program has switched off is switched on again: the sale is signed', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const { simulator, tse } = await readyIn(place)
  await tse.registerClient('till-1')
  await tse.start('till-1')
  simulator.switchOff()
  expect((await tse.start('till-1')).transaction).toBe(2)
  expect(await tse.openTransactions('till-1')).toEqual([1, 2])
  await tse.close()
  await simulator.pullOut()
})

test('a login that is refused for another reason than the PIN reports no tries', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const { simulator, tse } = await readyIn(place)
  simulator.inject('memory-full@login')
  await expect(tse.registerClient('till-1')).rejects.toThrow(
    'the memory is full: export and delete: the library refused',
  )
  await tse.close()
  await simulator.pullOut()
})

test('no PIN is shown to a unit that replaced the known one without the library noticing', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const [one, other] = [unitIn(place, 'one'), unitIn(place, 'other')]
  const { tse } = await readyIn(place, one, await compileStub(place.path, { isByPath: true }))
  await tse.registerClient('till-1')
  await one.pullOut()
  await other.plugIn()
  for (const _ of ['once', 'again'])
    await expect(tse.registerClient('till-2')).rejects.toMatchObject({ code: 'foreign', effect: 'none' })
  await expect(tse.health()).rejects.toMatchObject({ code: 'foreign', effect: 'none' })
  await other.pullOut()
  await one.plugIn()
  await tse.registerClient('till-2')
  await tse.close()
  await one.pullOut()
})

test('a library that is missing, or another one, is a device that is down', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const simulator = unitIn(place)
  await simulator.plugIn()
  for (const [path, message] of [
    ['/nowhere/libWormAPI.so', '/nowhere/libWormAPI.so is not a library'],
    ['/lib/x86_64-linux-gnu/libc.so.6', 'libc.so.6 has not the function of'],
  ] as const) {
    const tse = tseOn(place.path, path)
    // The process that looked for it lives on, and is asked again by each probe.
    for (let probes = 0; probes < 3; probes += 1) {
      const refused = { code: 'unavailable', effect: 'none', message: expect.stringContaining(message) }
      await expect(tse.open()).rejects.toMatchObject(refused)
    }
    await tse.close()
  }
  await simulator.pullOut()
})

test('an export of a killed process is removed when the unit is opened: it would fill the disk of the journal', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const { simulator, tse } = await readyIn(place)
  await tse.close()
  const left = join(place.path, 'spool', 'export-4711.tar')
  await mkdir(dirname(left), { recursive: true })
  await writeFile(left, 'of yesterday')
  const again = tseOn(place.path)
  await again.open()
  await expect(access(left)).rejects.toMatchObject({ code: 'ENOENT' })
  await again.close()
  await simulator.pullOut()
})
