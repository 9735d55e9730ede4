// @module-tag heavy
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { vendorTses } from '../../contracts/vendor-tses.ts'
import { deviceStateIn } from '../../device-state.ts'
import { TurningClock } from '../../turning-clock.ts'
import { verifyArchive } from '../../verified-archive.ts'
import { Bench } from '../bench.ts'
import { goods, pay } from '../goods.ts'

const BLIPS = ['blip-before', 'blip-in', 'blip-after'] as const
/** Milliseconds, and how fast the clock runs that agent and unit have in common: the longest has little room. */
const SHORT = [
  [400, 1],
  [1000, 0.5],
  [1900, 0.25],
] as const

/** How often the unit's own memory has the beginning and the end of a transaction. */
async function logsOf(bench: Bench): Promise<{ starts: number; finishes: number }> {
  const bytes = await bench.exported('tse_tar')
  expect((await verifyArchive(bytes)).findings).toEqual([])
  const count = (pattern: RegExp) => Buffer.from(bytes).toString('latin1').match(pattern)?.length ?? 0
  return { starts: count(/_Log-Tra_No-\d+_Start_/g), finishes: count(/_Log-Tra_No-\d+_Finish_/g) }
}

function outages(bench: Bench): number {
  return bench.journal().filter((event) => deviceStateIn(event) === 'down').length
}

/** A till on a unit of that family, set up and signing. */
async function withTill(
  driver: string,
  speed: number,
  use: (shop: {
    bench: Bench
    register: Awaited<ReturnType<Bench['till']>>
    inject(fault: string): void
  }) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'b-'))
  const clock = new TurningClock(speed)
  const vendor = await vendorTses[driver]?.open(folder, 0, clock)
  if (vendor === undefined) throw new Error(driver)
  try {
    await using bench = await Bench.open({ clock, config: { devices: [vendor.device] } })
    await bench.agent.administration.deviceAct('tse-1', 'init')
    await bench.untilDevice('ready')
    await use({ bench, register: await bench.till(), inject: (fault) => vendor.unit.inject(fault) })
  } finally {
    await vendor.close()
    await rm(folder, { recursive: true, force: true })
  }
}

describe.each(Object.keys(vendorTses))('%s', { concurrent: true }, (driver) => {
  test.each(SHORT)(
    'unplugged for %i ms before, in and after each act costs no signature, and nothing is signed twice',
    async (ms, speed) => {
      await withTill(driver, speed, async ({ bench, register: { id, till }, inject }) => {
        const before = outages(bench)
        for (const blip of BLIPS) {
          inject(`${blip}=${ms}@start`)
          const open = await till.create(goods('sale', id, [['1.00', '0.07']]))
          expect([blip, open.fiscal.state]).toEqual([blip, 'pending'])
          inject(`${blip}=${ms}@finish`)
          await till.complete(open, [pay('cash', '1.00')])
          // A busy machine answers before the unit has.
          const fiscal = await bench.until(async () => {
            const seen = await till.read(open.id)
            return seen.fiscal.state !== 'pending' && seen.fiscal
          })
          expect([blip, fiscal]).toMatchObject([blip, { state: 'succeeded' }])
        }
        expect(outages(bench)).toBe(before)
        expect(await logsOf(bench)).toEqual({ starts: 4, finishes: 4 })
      })
    },
  )

  test('unplugged for 3 s at completion is an outage with one note on the receipt', async () => {
    await withTill(driver, 1, async ({ bench, register: { id, till }, inject }) => {
      const open = await till.create(goods('sale', id, [['1.00', '0.07']]))
      inject('blip-before=3000@finish')
      const done = await till.complete(open, [pay('cash', '1.00')])
      expect(done).toMatchObject({ status: 'completed', fiscal: { receipt_text: 'TSE ausgefallen' } })
      await bench.untilDevice('ready')
      await bench.until(async () => {
        const { starts, finishes } = await logsOf(bench)
        return starts === 2 && finishes === 2
      })
    })
  })
})
