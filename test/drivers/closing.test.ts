import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Tse } from '../../drivers/ports/tse.ts'
import type { VendorTse } from '../contracts/vendor-tses.ts'
import { makeDriver, pinsOf, vendorTses } from '../contracts/vendor-tses.ts'
import { FastClock } from '../e2e/fast-clock.ts'
import { heavy } from '../tags.ts'

/** Five seconds are a tenth of one. */
const fast = new FastClock(50)
/** Deadlines that no test lives to see. */
const timeouts = { replyMs: 100_000, longMs: 60_000_000 }

describe.each(Object.keys(vendorTses))('%s', (name) => {
  const opened = async (): Promise<{ tse: Tse; vendor: VendorTse }> => {
    const folder = await mkdtemp(join(tmpdir(), 'c-'))
    const vendor = await vendorTses[name]?.open(folder, 0)
    if (vendor === undefined) throw new Error(name)
    const tse = await makeDriver({ ...vendor.device, timeouts }, pinsOf(name), join(folder, 'driver'), fast)
    onTestFinished(async () => {
      await vendor.close()
      await rm(folder, { recursive: true, force: true })
    })
    return { tse, vendor }
  }

  test('a stop does not wait for a self-test of minutes, and the next agent can open the unit', heavy(), async () => {
    const { tse, vendor } = await opened()
    await tse.open()
    await tse.initialise()
    vendor.unit.inject('lost-request@*#*')
    const testing = tse.selfTest().catch((error: unknown) => error)
    await tse.close()
    expect(await testing).toMatchObject({ name: 'DeviceError' })
  })

  test('a stop waits for no unit that is silent while it is connected', async () => {
    const { tse, vendor } = await opened()
    vendor.unit.inject('lost-request@*#*')
    // The agent asks one of them for its identity only after the opening.
    const connecting = tse.open().then(() => tse.identity())
    const ended = connecting.catch((error: unknown) => error)
    await tse.close()
    expect(await ended).toMatchObject({ name: 'DeviceError' })
  })
})
