// @module-tag heavy
import { mkdir, mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Tse } from '../../drivers/ports/tse.ts'
import { makeDriver, pinsOf, vendorTses } from '../contracts/vendor-tses.ts'

/** 160 KB of logs: more than an export has in memory at once. */
const SALES = 20

test.each(Object.keys(vendorTses))(
  'a %s that is pulled in the middle of an export keeps no file open',
  async (name) => {
    const folder = await mkdtemp(join(tmpdir(), 'cut-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await mkdir(join(folder, 'driver'))
    const vendor = await vendorTses[name]?.open(folder, 0)
    if (vendor === undefined) throw new Error(name)
    const { device, unit } = vendor
    const tse = await makeDriver(device, pinsOf(name), join(folder, 'driver'))
    await tse.open()
    await tse.initialise()
    await tse.registerClient('till-1')
    for (let sale = 0; sale < SALES; sale += 1) {
      const { transaction } = await tse.start('till-1')
      await tse.finish(transaction, 'till-1', 'Kassenbeleg-V1', Buffer.alloc(8000))
    }
    unit.inject(`unplugged@${vendorTses[name]?.nextPart}`)
    await expect(exported(tse)).rejects.toMatchObject({ name: 'DeviceError' })
    await tse.close()
    await vendor.close()
    expect(await openFiles(folder)).toEqual([])
  },
)

async function exported(tse: Tse): Promise<void> {
  for await (const chunk of tse.exportLogs({})) expect(chunk.length).toBeGreaterThan(0)
}

/** The files of a folder that this process has open, deleted or not. */
async function openFiles(folder: string): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd')
  const named = await Promise.all(descriptors.map((one) => readlink(join('/proc/self/fd', one)).catch(() => '')))
  return named.filter((file) => file.startsWith(folder))
}
