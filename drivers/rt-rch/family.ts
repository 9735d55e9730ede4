import { z } from 'zod'
import type { Paths } from '../../base/settings/paths.ts'
import { strict } from '../../base/settings/strict.ts'
import { milliseconds } from '../../base/settings/values.ts'
import type { DeviceFamily } from '../device-family.ts'
import { entry } from '../device-family.ts'
import { makeLink } from '../links/make-link.ts'
import { opened } from '../opened-device.ts'
import type { RtPrinter } from '../ports/rt-printer.ts'
import { acknowledged, count, departments, driverSettings, lines, pause, textMax, withOneLine } from '../rt/settings.ts'

const DRIVER = 'rt-rch'

/** The simulated printer has them too. */
export const timeouts = strict({ ...acknowledged, gapMs: milliseconds.default(10_000) }).prefault({})

/** Settings that differ by model and firmware, or are published nowhere; the driver has the defaults. */
const profile = strict({
  address: z.enum(['00', '01']).optional(),
  protocol: z.enum(['N', 'z', 'V']).optional(),
  nakQuietMs: pause,
  busyPauseMs: pause,
  busyMs: pause,
  pollMs: pause,
  paperWaitMs: pause,
  repeats: count.optional(),
  textMax,
  nonFiscalTextMax: textMax,
  tenderCount: count.optional(),
  evidence: z.enum(['letters', 'zeros', 'none']).optional(),
  changeTenders: z.array(count).max(99).optional(),
})

function settings({ file }: Paths) {
  return withOneLine(entry(DRIVER, { ...lines(file, 9600), departments, timeouts, profile: profile.optional() }))
}

export const RCH = {
  driver: DRIVER,
  settings,
  example: `    // The printer is the fiscal memory. A stable name is under /dev/serial/by-id/.
    { "id": "rt-1", "driver": "rt-rch",
      "serial": { "path": "/dev/ttyUSB0", "baudRate": 9600 },
      // VAT rate or natura code: department as the installer programmed it. Another one of that rate has a code, which
      // lines name: "0.22/servizi": 12
      "departments": { "0.22": 1, "0.10": 2, "0.05": 3, "0.04": 4,
                       "N1": 5, "N2": 6, "N3": 7, "N4": 8, "N5": 9, "N6": 10 },
      // How long the line is waited for: acknowledgement, reply, printing, reports, between two bytes. "rt-custom" has no
      // "gapMs", "rt-epson" no "ackMs" either
      "timeouts": { "ackMs": 1000, "replyMs": 5000, "printMs": 30000, "longMs": 180000, "gapMs": 10000 },
      // What differs by model and firmware; left out, the usual holds
      "profile": { "address": "01", "protocol": "N", "textMax": 36, "nonFiscalTextMax": 48, "tenderCount": 11,
                   "changeTenders": [1, 3], "repeats": 3, "nakQuietMs": 50, "busyPauseMs": 500, "busyMs": 30000,
                   "pollMs": 200, "paperWaitMs": 3000, "evidence": "letters" } },

    // On the network: "tcp": { "host": "192.168.1.31", "port": 23 } instead of "serial"; by its USB ids:
    // "serial": { "usb": { "vendorId": "0x1a86", "productId": "0x7523", "serialNumber": "A1" } }, the last where it has one`,
  simulator: {
    choices: ['link', 'port', 'latency'],
    open: async (options) => {
      const { RchSimulator } = await import('./simulator.ts')
      const { runOnLine } = await import('../rt/run-simulator.ts')
      const printMs = options.latencyMs
      return runOnLine(DRIVER, '72IV6', options, (own) => new RchSimulator({ ...own, printMs }))
    },
  },
  network: undefined,
  dialect: async () => (await import('./dialect.ts')).RCH_DIALECT,
  make: async (device, context) => {
    const { RchPrinter } = await import('./driver.ts')
    const link = await makeLink(device, {}, context)
    return opened(device, new RchPrinter({ link, clock: context.clock, ...driverSettings(device) }), link)
  },
} satisfies DeviceFamily<RtPrinter, ReturnType<typeof settings>>
