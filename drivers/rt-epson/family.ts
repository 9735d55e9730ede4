import { z } from 'zod'
import type { Paths } from '../../base/settings/paths.ts'
import { strict } from '../../base/settings/strict.ts'
import type { DeviceFamily } from '../device-family.ts'
import { entry } from '../device-family.ts'
import { tcp } from '../links/settings.ts'
import { opened } from '../opened-device.ts'
import type { RtPrinter } from '../ports/rt-printer.ts'
import { answered, departments, driverSettings } from '../rt/settings.ts'
import { running } from '../running-simulator.ts'

const DRIVER = 'rt-epson'

/** Forms in which firmwares differ; the driver has the defaults. */
const profile = strict({
  void: z.enum(['end', 'total']).optional(),
  evidence: z.enum(['letters', 'zeros', 'none']).optional(),
})

function settings({ secret }: Paths) {
  return entry(DRIVER, {
    http: tcp(80),
    departments,
    duplicatePasswordFile: secret.optional(),
    timeouts: strict(answered).prefault({}),
    profile: profile.optional(),
  })
}

export const EPSON = {
  driver: DRIVER,
  settings,
  example: `    // The profile has the forms in which firmwares differ: "void" also "total", "evidence" also "zeros" or "none".
    // { "id": "rt-1", "driver": "rt-epson", "http": { "host": "192.168.1.30" },
    //   "profile": { "void": "end", "evidence": "letters" },
    //   "duplicatePasswordFile": "/etc/fiskal-edge/duplicate.password" },   // only if the printer asks for one`,
  simulator: {
    choices: ['port'],
    open: async ({ directory, clock, show, port = 0 }) => {
      const { EpsonSimulator } = await import('./simulator.ts')
      const { showRecords } = await import('../rt/run-simulator.ts')
      const simulator = new EpsonSimulator({ directory, clock, onRecord: showRecords(show) })
      simulator.open()
      const http = { host: '127.0.0.1', port: await simulator.serve(port) }
      return running(simulator, { driver: DRIVER, http })
    },
  },
  network: { maker: 'Epson', within: '', entry: { http: { host: '192.168.1.30', port: 80 } } },
  dialect: async () => (await import('./dialect.ts')).EPSON_DIALECT,
  make: async (device, { clock, recorder, readSecret }) => {
    const { EpsonPrinter } = await import('./driver.ts')
    // Each request opens a connection: only the next one shows that it was unplugged.
    const { duplicatePasswordFile: file } = device
    const duplicatePassword = file === undefined ? undefined : () => readSecret(file)
    const options = { ...device.http, clock, recorder, duplicatePassword, ...driverSettings(device) }
    return opened(device, new EpsonPrinter(options))
  },
} satisfies DeviceFamily<RtPrinter, ReturnType<typeof settings>>
