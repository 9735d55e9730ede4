import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isTakenByKernel } from '../../../drivers/links/usb-driver.ts'
import { usbNode } from '../../../drivers/links/usb-port.ts'

test('a printer that the driver usblp of the kernel has is found, with its file, and no other', async () => {
  const sysfs = await mkdtemp(join(tmpdir(), 'sysfs-'))
  const ids = { vendorId: '0x1a86', productId: '0x7523' }
  const device = join(sysfs, 'bus', 'usb', 'devices', '1-2')
  await mkdir(join(device, '1-2:1.0'), { recursive: true })
  await writeFile(join(device, 'idVendor'), '1a86\n')
  await writeFile(join(device, 'idProduct'), '7523\n')
  expect(await isTakenByKernel(ids, sysfs)).toBe(false)
  await symlink('../../../../drivers/usblp', join(device, '1-2:1.0', 'driver'))
  expect(await isTakenByKernel(ids, sysfs)).toBe(true)
  expect(await isTakenByKernel({ ...ids, productId: '0x1' }, sysfs)).toBe(false)
  expect(await usbNode(ids, sysfs)).toBeUndefined()
  await writeFile(join(device, 'busnum'), '1\n')
  await writeFile(join(device, 'devnum'), '14\n')
  expect(await usbNode(ids, sysfs)).toBe('/dev/bus/usb/001/014')
  await rm(sysfs, { recursive: true })
})
