import type { DeviceFamily } from '../device-family.ts'
import { entry } from '../device-family.ts'
import { simulated } from '../opened-device.ts'
import type { SignatureCard } from '../ports/signature-card.ts'

const DRIVER = 'card-simulator'

function settings() {
  return entry(DRIVER, {})
}

export const SIMULATED = {
  driver: DRIVER,
  settings,
  example: `    // Signs like a card but is only a simulator, for trials.
    { "id": "card-1", "driver": "card-simulator" },
`,
  simulator: undefined,
  network: undefined,
  dialect: undefined,
  make: async (device, { clock, directoryOf }) => {
    const { CardSimulator } = await import('./driver.ts')
    return simulated(device, new CardSimulator({ directory: directoryOf(device.id), clock }))
  },
} satisfies DeviceFamily<SignatureCard, ReturnType<typeof settings>>
