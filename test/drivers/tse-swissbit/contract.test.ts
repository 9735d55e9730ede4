import { access, mkdir, mkdtemp, mkdtempDisposable, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DeviceSecrets } from '../../../drivers/ports/secrets.ts'
import { SwissbitTse } from '../../../drivers/tse-swissbit/driver.ts'
import type { SwissbitSimulatorOptions } from '../../../drivers/tse-swissbit/simulator.ts'
import { SwissbitSimulator } from '../../../drivers/tse-swissbit/simulator.ts'
import { compileStub } from '../../../drivers/tse-swissbit/stub-library.ts'
import type { SwissbitOptions } from '../../../drivers/tse-swissbit/unit.ts'
import { SwissbitUnit } from '../../../drivers/tse-swissbit/unit.ts'
import { describeTse } from '../../contracts/tse.ts'
import { patientClock } from '../../patient-clock.ts'
import { HEAVY } from '../../tags.ts'

const MAX_OPEN_TRANSACTIONS = 12
const REPLY_MS = 800
const pins: Readonly<Record<string, string>> = { puk: '123456', adminPin: '12345', timeAdminPin: '54321' }
const secrets: DeviceSecrets = {
  read: async (name) => pins[name] ?? '',
  provide: async (name) => pins[name] ?? '',
}

let folder: string
let library: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'worm-'))
  library = await compileStub(folder)
})
afterAll(() => rm(folder, { recursive: true }))

function optionsOn(directory: string, path = library): SwissbitOptions {
  return {
    id: 'tse-1',
    path: join(directory, 'm'),
    library: path,
    directory: join(directory, 'spool'),
    secrets,
    clock: patientClock,
    timeouts: { replyMs: REPLY_MS, longMs: 10_000 },
  }
}

function tseOn(directory: string, path = library): SwissbitTse {
  return new SwissbitTse(optionsOn(directory, path))
}

/** All of them are plugged in at the same mount, one at a time. */
function unitIn(
  place: { path: string },
  name = 'unit',
  made: Partial<SwissbitSimulatorOptions> = {},
): SwissbitSimulator {
  return new SwissbitSimulator({
    directory: join(place.path, name),
    mount: join(place.path, 'm'),
    clock: patientClock,
    ...made,
  })
}

/** A unit that is plugged in and set up. */
async function readyIn(place: { path: string }, simulator = unitIn(place), path = library) {
  await simulator.plugIn()
  const tse = tseOn(place.path, path)
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

test(
  'a library that crashes or hangs in the middle of an act affects no other unit, and its result is found',
  HEAVY,
  async () => {
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
  },
)

test('a cancelled export is invalid, also if the library finished first', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const { simulator, tse } = await readyIn(place)
  await tse.close()
  const unit = new SwissbitUnit(optionsOn(place.path))
  await unit.open()
  const wanted = { kind: 'all', from: 0, to: 0, clientId: undefined } as const
  const ended = { code: 'export_running', effect: 'none' }
  await expect(unit.export(wanted, { isWaitedFor: () => true })).rejects.toMatchObject(ended)
  expect(await unit.export(wanted)).toContain('export-')
  await unit.close()
  await simulator.pullOut()
})

test('a unit that another software initialised is tested under a client that it has', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const { simulator, tse } = await readyIn(place)
  await tse.registerClient('old-till')
  await tse.deregisterClient('fiskal-edge')
  await simulator.pullOut()
  await simulator.plugIn()
  await tse.open()
  await tse.initialise()
  await tse.registerClient('till-1')
  expect((await tse.start('till-1')).transaction).toBe(1)
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

test('a unit of another seed is asked once: it counts, and further tries would lock it permanently', async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), 'wb-'))
  const simulator = unitIn(place, 'unit', { factorySeed: 'of somebody else' })
  await simulator.plugIn()
  const tse = tseOn(place.path)
  await tse.open()
  await expect(tse.initialise()).rejects.toMatchObject({ code: 'pin_wrong', effect: 'none' })
  await expect(tse.initialise()).rejects.toThrow('the same PIN is not tried again')
  await tse.close()
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

test('no PIN is shown to a unit that replaced the known one without the library noticing', HEAVY, async () => {
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
