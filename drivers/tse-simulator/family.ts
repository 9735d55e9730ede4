import { z } from 'zod'
import type { TseFamily } from '../device-family.ts'
import { entry } from '../device-family.ts'
import { simulated, tseParts } from '../opened-device.ts'
import { inventory } from '../tse-settings.ts'

const DRIVER = 'tse-simulator'

function settings() {
  return entry(DRIVER, {
    curve: z.enum(['P-256', 'P-384', 'brainpoolP256r1', 'brainpoolP384r1']).default('P-256'),
    latencyMs: z.int().min(0).max(60_000).default(0),
    inventory,
  })
}

export const SIMULATED = {
  driver: DRIVER,
  settings,
  example: `    // Signs like a real TSE but is only a simulator, for trials. Its state is under "state".
    { "id": "tse-1", "driver": "tse-simulator", "curve": "P-256", "latencyMs": 0 },
`,
  disk: undefined,
  usb: undefined,
  simulator: undefined,
  network: undefined,
  dialect: undefined,
  make: async (device, context) => {
    const { TseSimulator } = await import('./driver.ts')
    const { id, curve, latencyMs } = device
    const journalledNumbers = (serial: string) => context.numbersOf?.(id, serial)
    return simulated(
      device,
      new TseSimulator({ ...tseParts(id, context), curve, latencyMs, journalledNumbers: journalledNumbers }),
    )
  },
} satisfies TseFamily<ReturnType<typeof settings>>
