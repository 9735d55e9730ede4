import { z } from 'zod'
import type { DeviceFamily } from '../device-family.ts'
import { entry } from '../device-family.ts'
import { simulated } from '../opened-device.ts'
import type { RtPrinter } from '../ports/rt-printer.ts'
import { departments } from '../rt/settings.ts'
import { timeouts } from './family.ts'

const DRIVER = 'rt-simulator'

function settings() {
  return entry(DRIVER, { latencyMs: z.int().min(0).max(60_000).default(0), departments, timeouts })
}

export const EMBEDDED = {
  driver: DRIVER,
  settings,
  example: `    // A printer in software, for trials only: { "id": "rt-1", "driver": "rt-simulator" },`,
  simulator: undefined,
  network: undefined,
  dialect: undefined,
  make: async (device, { clock, directoryOf }) => {
    const { EmbeddedRchPrinter } = await import('./embedded.ts')
    const directory = directoryOf(device.id)
    return simulated(device, new EmbeddedRchPrinter({ ...device, directory, clock, printMs: device.latencyMs }))
  },
} satisfies DeviceFamily<RtPrinter, ReturnType<typeof settings>>
