import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeDriver, pinsOf, vendorTses } from '../../contracts/vendor-tses.ts'
import { patientClock } from '../../patient-clock.ts'
import { heavy } from '../../tags.ts'
import { verifyArchive } from '../../verified-archive.ts'
import { Bench } from '../bench.ts'
import { goods, pay } from '../goods.ts'

test(
  'a Swissbit TSE that another program set up signs after device init with its PINs, and after a power cut',
  heavy(),
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'v-'))
    const vendor = await vendorTses['tse-swissbit']?.open(folder, 0)
    if (vendor === undefined) throw new Error('no Swissbit TSE')
    onTestFinished(async () => {
      await vendor.close()
      await rm(folder, { recursive: true })
    })
    const pins = pinsOf('tse-swissbit')
    const other = await makeDriver(vendor.device, pins, join(folder, 'other'))
    await other.open()
    await other.initialise()
    await other.registerClient('till-of-before')
    await other.deregisterClient('fiskal-edge')
    await other.close()
    await vendor.unit.pullOut()
    await vendor.unit.plugIn()
    const files = { adminPinFile: join(folder, 'admin'), timeAdminPinFile: join(folder, 'time-admin') }
    await writeFile(files.adminPinFile, `${String(pins['adminPin'])}\n`, { mode: 0o600 })
    await writeFile(files.timeAdminPinFile, `${String(pins['timeAdminPin'])}\n`, { mode: 0o600 })
    await using bench = await Bench.open({ clock: patientClock, config: { devices: [{ ...vendor.device, ...files }] } })
    await bench.agent.administration.deviceAct('tse-1', 'init')
    await bench.untilDevice('ready')
    const { id, till } = await bench.till()
    const sold = async () =>
      (await till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('cash', '1.00')])).fiscal
        .state
    expect(await sold()).toBe('succeeded')
    await vendor.unit.pullOut()
    await bench.untilDevice('down')
    await vendor.unit.plugIn()
    await bench.untilDevice('ready')
    expect(await sold()).toBe('succeeded')
    expect((await verifyArchive(await bench.exported('tse_tar'))).findings).toEqual([])
  },
)
