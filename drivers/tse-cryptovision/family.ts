import { join } from 'node:path'
import type { Paths } from '../../base/settings/paths.ts'
import type { TseFamily } from '../device-family.ts'
import { entry } from '../device-family.ts'
import { opened, tseParts } from '../opened-device.ts'
import { pluggable } from '../running-simulator.ts'
import { certified, PIN_FILES, pinFiles, timeouts } from '../tse-settings.ts'

const DRIVER = 'tse-cryptovision'

function settings({ file, secret }: Paths) {
  return entry(DRIVER, {
    path: file,
    ...pinFiles(secret),
    adminPukFile: secret.optional(),
    timeAdminPukFile: secret.optional(),
    timeouts: timeouts(5000),
    ...certified,
  })
}

export const CRYPTOVISION = {
  driver: DRIVER,
  settings,
  example: `    // Replace it with a certified unit. A new one gets its PINs and PUKs by "device init": those of files that are
    // named here, else new ones, stored encrypted and shown once. Diebold delivers its own: its two files are needed.
    // { "id": "tse-1", "driver": "tse-cryptovision", "path": "/media/tse",
    //   "adminPinFile": "/etc/fiskal-edge/admin.pin", "timeAdminPinFile": "/etc/fiskal-edge/time.pin",
    //   "adminPukFile": "/etc/fiskal-edge/admin.puk", "timeAdminPukFile": "/etc/fiskal-edge/time.puk" },`,
  disk: { file: 'TSE-IO.bin', name: 'CryptoVision TSE', more: PIN_FILES },
  usb: undefined,
  simulator: {
    choices: ['link', 'latency', 'history'],
    open: async ({ directory, clock, latencyMs, history, link: mount = join(directory, 'media') }) => {
      const { CryptovisionSimulator } = await import('./simulator.ts')
      const card = new CryptovisionSimulator({ directory, mount, clock, latencyMs, history })
      await card.plugIn()
      return pluggable(card, { driver: DRIVER, path: mount }, () => card.pullOut())
    },
  },
  network: undefined,
  dialect: async () => (await import('./dialect.ts')).CRYPTOVISION_DIALECT,
  make: async (device, context) => {
    const { CryptovisionTse } = await import('./driver.ts')
    const { id, path, timeouts: limits } = device
    const unit = new CryptovisionTse({
      ...tseParts(id, context),
      path,
      timeouts: limits,
      secrets: context.secretsOf(id, {
        adminPin: device.adminPinFile,
        adminPuk: device.adminPukFile,
        timeAdminPin: device.timeAdminPinFile,
        timeAdminPuk: device.timeAdminPukFile,
      }),
      enrolledSerial: () => context.enrolledSerial?.(id),
    })
    return opened(device, unit, unit)
  },
} satisfies TseFamily<ReturnType<typeof settings>>
