import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findUsbPort } from '../../../drivers/links/usb-port.ts'

let sysfs: string
beforeEach(async () => {
  sysfs = await mkdtemp(join(tmpdir(), 'sysfs-'))
  await mkdir(join(sysfs, 'class', 'tty'), { recursive: true })
})
afterEach(() => rm(sysfs, { recursive: true }))

/** The kernel's layout of a USB tty: the ids are two levels above the target of the class link. */
async function plugIn(name: string, slot: string, ids: Record<string, string>): Promise<void> {
  const device = join(sysfs, 'devices', slot)
  const port = join(device, `${slot}:1.0`, name)
  await mkdir(port, { recursive: true })
  for (const [file, value] of Object.entries(ids)) await writeFile(join(device, file), `${value}\n`)
  await mkdir(join(sysfs, 'class', 'tty', name))
  await symlink(port, join(sysfs, 'class', 'tty', name, 'device'))
}

describe('a serial port by the ids of its USB device', () => {
  test('is found under any name, by vendor and product', async () => {
    await plugIn('ttyUSB0', '1-1', { idVendor: '0403', idProduct: '6001', serial: 'A' })
    await plugIn('ttyACM3', '1-2', { idVendor: '1a86', idProduct: '7523' })
    expect(await findUsbPort({ vendorId: '0x1A86', productId: '0x7523' }, sysfs)).toBe('/dev/ttyACM3')
  })

  test('two units of one kind are distinguished by the serial number', async () => {
    await plugIn('ttyUSB0', '1-1', { idVendor: '0403', idProduct: '6001', serial: 'A' })
    await plugIn('ttyUSB1', '1-2', { idVendor: '0403', idProduct: '6001', serial: 'B' })
    const ids = { vendorId: '0x403', productId: '0x6001' }
    expect(await findUsbPort({ ...ids, serialNumber: 'B' }, sysfs)).toBe('/dev/ttyUSB1')
    expect(await findUsbPort({ ...ids, serialNumber: 'C' }, sysfs)).toBeUndefined()
  })

  test('nothing is found where nothing is plugged in', async () => {
    expect(await findUsbPort({ vendorId: '1', productId: '2' }, join(sysfs, 'none'))).toBeUndefined()
  })
})
