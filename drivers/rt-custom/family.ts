import { z } from 'zod'
import type { Paths } from '../../base/settings/paths.ts'
import { strict } from '../../base/settings/strict.ts'
import { vatKind } from '../../base/settings/values.ts'
import type { DeviceFamily } from '../device-family.ts'
import { entry } from '../device-family.ts'
import { makeLink } from '../links/make-link.ts'
import { opened } from '../opened-device.ts'
import type { RtPrinter } from '../ports/rt-printer.ts'
import { acknowledged, departments, driverSettings, lines, pause, textMax, withOneLine } from '../rt/settings.ts'

const DRIVER = 'rt-custom'

/** Settings that differ by model and firmware, or are published nowhere; the driver has the defaults. */
const profile = strict({
  nakQuietMs: pause,
  busyPauseMs: pause,
  busyMs: pause,
  pollMs: pause,
  textMax,
  tenderCodes: z.record(z.string().regex(/^[1-9]\d?$/), z.string().regex(/^\d\d$/)).optional(),
  vatIndexes: z.record(vatKind, z.int().min(1).max(11)).optional(),
})

function settings({ file }: Paths) {
  const timeouts = strict(acknowledged).prefault({})
  return withOneLine(entry(DRIVER, { ...lines(file, 19_200), departments, timeouts, profile: profile.optional() }))
}

export const CUSTOM = {
  driver: DRIVER,
  settings,
  example: `    // { "id": "rt-1", "driver": "rt-custom", "serial": { "path": "/dev/ttyACM0", "baudRate": 19200 },
    //   "profile": { "textMax": 44, "nakQuietMs": 50, "busyPauseMs": 500, "busyMs": 30000, "pollMs": 200,
    //                "tenderCodes": { "1": "01", "2": "07", "3": "02", "4": "03", "5": "05", "6": "50", "7": "51", "8": "52", "9": "53" },
    //                "vatIndexes": { "N4": 8 } } },   // of a natura; the printer is asked for the index of a rate
    // On USB without a serial line: "usb": { "vendorId": "0x0dd4", "productId": "0x01a8", "serialNumber": "K3" } instead of it`,
  simulator: {
    choices: ['link', 'port'],
    open: async (options) => {
      const { CustomSimulator } = await import('./simulator.ts')
      const { runOnLine } = await import('../rt/run-simulator.ts')
      return runOnLine(DRIVER, '2CISF', options, (own) => new CustomSimulator(own))
    },
  },
  network: undefined,
  dialect: async () => (await import('./dialect.ts')).CUSTOM_DIALECT,
  make: async (device, context) => {
    const { CustomPrinter } = await import('./driver.ts')
    const link = await makeLink(device, { dataBits: 7, parity: 'odd' }, context)
    return opened(device, new CustomPrinter({ link, clock: context.clock, ...driverSettings(device) }), link)
  },
} satisfies DeviceFamily<RtPrinter, ReturnType<typeof settings>>
