import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../../base/clock.ts'
import { vendorTses } from '../../contracts/vendor-tses.ts'
import { Bench } from '../bench.ts'
import { goods, pay } from '../goods.ts'

/** A till with the TSE of a maker, until the end of the test; `folder` has the memory of the simulator in `a`. */
export async function vendorShop(name: string, clock: Clock) {
  const folder = await mkdtemp(join(tmpdir(), 'v-'))
  const vendor = await vendorTses[name]?.open(folder, 0)
  if (vendor === undefined) throw new Error(name)
  const bench = await Bench.open({ clock, config: { devices: [vendor.device], deadlineMs: 5000 } })
  onTestFinished(async () => {
    await bench[Symbol.asyncDispose]()
    await vendor.close()
    await rm(folder, { recursive: true })
  })
  await bench.agent.administration.deviceAct('tse-1', 'init')
  await bench.untilDevice('ready')
  const { id, key } = await bench.till('0.00')
  const till = bench.client({ 'X-Register-Api-Key': key })
  const sold = async () =>
    till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('cash', '1.00')])
  return { folder, vendor, bench, sold }
}
