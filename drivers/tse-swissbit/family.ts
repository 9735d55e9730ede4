import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Paths } from '../../base/settings/paths.ts'
import type { TseFamily } from '../device-family.ts'
import { entry } from '../device-family.ts'
import { opened, tseParts } from '../opened-device.ts'
import { pluggable } from '../running-simulator.ts'
import { certified, PIN_FILES, pinFiles, timeouts } from '../tse-settings.ts'
import { USUAL_SEED } from './worm-calls.ts'

const DRIVER = 'tse-swissbit'
/** The usual place of the maker's library, and the PINs. */
const PROPOSED = { library: '/opt/worm/libWormAPI.so', ...PIN_FILES }

/** At most 32 bytes (header of the library). */
const seed = z.string().regex(/^[!-~]{1,32}$/, 'the seed of the dealer, up to 32 characters of ASCII')

function settings({ file, secret, library }: Paths) {
  return entry(DRIVER, {
    path: file,
    library,
    ...pinFiles(secret),
    pukFile: secret.optional(),
    seed: seed.default(USUAL_SEED),
    timeouts: timeouts(5000),
    ...certified,
  })
}

export const SWISSBIT = {
  driver: DRIVER,
  settings,
  example: `    // { "id": "tse-1", "driver": "tse-swissbit", "path": "/media/swissbit", "library": "/opt/worm/libWormAPI.so",
    //   "adminPinFile": "/etc/fiskal-edge/admin.pin", "timeAdminPinFile": "/etc/fiskal-edge/time.pin",
    //   "pukFile": "/etc/fiskal-edge/puk", "seed": "SwissbitSwissbit" },   // "seed": that of your dealer, for device init`,
  // Presence check of the maker's library.
  disk: { file: 'TSE_INFO.DAT', name: 'Swissbit TSE', more: PROPOSED },
  usb: {
    vendorId: '1370',
    maker: 'Swissbit',
    isLineless: true,
    entry: () => ({ path: '/media/tse', ...PROPOSED }),
    first: () => 'mount it on /media/tse',
  },
  simulator: {
    choices: ['link', 'latency', 'history'],
    open: async ({ directory, clock, latencyMs, history, link: mount = join(directory, 'media') }) => {
      const { SwissbitSimulator } = await import('./simulator.ts')
      const { compileStub } = await import('./stub-library.ts')
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const library = await compileStub(directory)
      const unit = new SwissbitSimulator({ directory, mount, clock, latencyMs, history })
      await unit.plugIn()
      return pluggable(unit, { driver: DRIVER, path: mount, library, seed: USUAL_SEED }, () => unit.pullOut())
    },
  },
  network: undefined,
  dialect: async () => (await import('./dialect.ts')).SWISSBIT_DIALECT,
  make: async (device, context) => {
    const { SwissbitTse } = await import('./driver.ts')
    const { id, path, library, seed: ofDealer, timeouts: limits } = device
    const unit = new SwissbitTse({
      ...tseParts(id, context),
      path,
      library,
      seed: ofDealer,
      timeouts: limits,
      secrets: context.secretsOf(id, {
        puk: device.pukFile,
        adminPin: device.adminPinFile,
        timeAdminPin: device.timeAdminPinFile,
      }),
      enrolledSerial: () => context.enrolledSerial?.(id),
    })
    return opened(device, unit, unit)
  },
} satisfies TseFamily<ReturnType<typeof settings>>
