import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { GatheredLog } from '../../../../agent/laws/germany/memory/gathered-logs.ts'
import type { ReadFrom } from '../../../../agent/laws/germany/memory/unit-logs.ts'
import { OutOfTimeError, UnitLogs } from '../../../../agent/laws/germany/memory/unit-logs.ts'
import type { Tse } from '../../../../drivers/ports/tse.ts'
import { TseSimulator } from '../../../../drivers/tse-simulator/driver.ts'
import { SwissbitTse } from '../../../../drivers/tse-swissbit/driver.ts'
import { compileStub } from '../../../../drivers/tse-swissbit/stub-library.ts'
import { PROCESS_TYPE, processData, sell } from '../../../contracts/tse-checks.ts'
import { makeDriver, pinsOf, vendorTses } from '../../../contracts/vendor-tses.ts'
import { optionsOn, unitIn } from '../../../drivers/tse-swissbit/bench.ts'
import { patientClock } from '../../../patient-clock.ts'
import { heavy } from '../../../tags.ts'

/** It refuses filtered exports, and is read by its entries. */
const FIRMWARE_2 = 'tse-swissbit of firmware 2'
const families = ['tse-simulator', ...Object.keys(vendorTses), FIRMWARE_2]
const virgin: ReadFrom = { counter: 0, transaction: 1, timeMs: undefined }
const { signal } = new AbortController()

/** A unit of that family with two clients. */
async function onUnit(driver: string, act: (tse: Tse) => Promise<void>): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'u-'))
  const vendor = await vendorTses[driver]?.open(folder.path, 0)
  const directory = join(folder.path, 'own')
  const second = driver === FIRMWARE_2 ? unitIn(folder, 'unit', { firmware: 2 }) : undefined
  await second?.plugIn()
  const own = async (): Promise<Tse> =>
    second === undefined
      ? new TseSimulator({ directory, clock: patientClock })
      : new SwissbitTse(optionsOn(folder.path, await compileStub(folder.path)))
  const tse = vendor === undefined ? await own() : await makeDriver(vendor.device, pinsOf(driver), directory)
  try {
    await tse.open()
    await tse.initialise()
    for (const client of ['till-1', 'till-2']) await tse.registerClient(client)
    await act(tse)
  } finally {
    await tse.close()
    await vendor?.close()
    await second?.pullOut()
  }
}

async function logsAfter(tse: Tse, from: ReadFrom, expected: number, isInTime = () => true) {
  const { gathered } = await new UnitLogs(tse, { signal, heldMs: 5_000, isInTime }).next(from, expected)
  return gathered.after(from.counter).logs
}

function after(logs: readonly GatheredLog[]): ReadFrom {
  return {
    counter: logs.at(-1)?.counter ?? 0,
    transaction: Math.max(...logs.map(({ transaction }) => transaction ?? 0)),
    timeMs: logs.at(-1)?.timeMs,
  }
}

test.concurrent.each(families)(
  'each log of a %s follows the one before, also those of a transaction that was open when it was read',
  heavy(),
  (driver) =>
    onUnit(driver, async (tse) => {
      const { transaction } = await tse.start('till-2')
      await sell(tse, 3)
      const first = await logsAfter(tse, virgin, 3)
      expect(first[0]?.counter).toBe(1)
      await sell(tse, 1)
      await tse.finish(transaction, 'till-2', PROCESS_TYPE, processData)
      await tse.selfTest()
      await sell(tse, 2)
      const second = await logsAfter(tse, after(first), 4)
      const counters = [...first, ...second].map(({ counter }) => counter)
      expect(counters).toEqual(counters.map((_, index) => index + 1))
      expect([...first, ...second].filter(({ isFinish }) => isFinish)).toHaveLength(7)
    }),
)

test('an export whose time is over is cancelled, and proves nothing against the unit', () =>
  onUnit('tse-epson', async (tse) => {
    await sell(tse, 3)
    await expect(logsAfter(tse, virgin, 3, () => false)).rejects.toThrow(OutOfTimeError)
    expect(await logsAfter(tse, virgin, 3)).not.toEqual([])
  }))

test('more transactions than one export is asked for come in several, without a gap', heavy(), () =>
  onUnit('tse-swissbit', async (tse) => {
    await sell(tse, 40)
    const logs = new UnitLogs(tse, { signal, heldMs: 5_000, isInTime: () => true, widthMost: 16 })
    const counters: number[] = []
    for (let from = virgin, rounds = 0; rounds < 4; rounds += 1) {
      const { gathered } = await logs.next(from, 40 - 16 * rounds)
      const next = gathered.after(from.counter).logs
      counters.push(...next.map(({ counter }) => counter))
      from = next.length === 0 ? from : after(next)
    }
    expect(counters).toEqual(counters.map((_, index) => index + 1))
    expect(counters.length).toBeGreaterThan(80)
  }),
)
