// @module-tag heavy
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultLimits } from '../../../drivers/se-api/limits.ts'
import { SoftwareUnit } from '../../../drivers/se-api/software-unit.ts'
import { vendorTses } from '../../contracts/vendor-tses.ts'
import { patientClock } from '../../patient-clock.ts'
import { verifyArchive } from '../../verified-archive.ts'
import type { Members } from '../client.ts'
import { vendorShop } from './vendor-shop.ts'

/** DisableSecureElement, as by another program: the memory stays, and nothing is signed afterwards. */
async function disable(directory: string): Promise<void> {
  const info = { description: 'x', manufacturer: 'x', version: '1' }
  const unit = new SoftwareUnit({ directory, clock: patientClock, limits: defaultLimits, info })
  await (await unit.power()).element.disable()
  await unit.cut()
}

test.each(Object.keys(vendorTses))('a %s that was permanently disabled still exports its archive', async (name) => {
  const { folder, vendor, bench, sold } = await vendorShop(name, patientClock)
  expect((await sold()).fiscal.state).toBe('succeeded')
  await bench.restart(async () => {
    await vendor.unit.pullOut()
    await disable(join(folder, 'a'))
    await vendor.unit.plugIn()
  })
  const seen = (): Members | undefined => bench.agent.application.devices()[0]
  await bench.until(() => JSON.stringify(seen()?.['warnings']).includes('"device_disabled"'))
  expect(seen()).toMatchObject({ state: 'down' })
  expect((await sold()).fiscal.state).toBe('failed')
  const archive = async (): Promise<Members> =>
    (await bench.agent.administration.deviceAct('tse-1', { act: 'archive', deletes: false })) as Members
  const { logs, last_counter: last } = await archive()
  expect(logs).toBe(last)
  // A login for it may be logged too.
  expect((await verifyArchive(await bench.exported('tse_tar'))).logs).toBeGreaterThanOrEqual(Number(logs))
  await bench.agent.administration.retireTse('tse-1', 'außer Betrieb')
  expect(Number((await archive())['logs'])).toBeGreaterThanOrEqual(Number(logs))
})
