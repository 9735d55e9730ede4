import type { DriverContext } from './opened-device.ts'
import { opened, simulated } from './opened-device.ts'
import type { OpenedDevice } from './ports/device.ts'
import { TOKEN_PIN } from './ports/secrets.ts'
import type { SignatureCard } from './ports/signature-card.ts'

type SimulatorSettings = { id: string; driver: 'card-simulator' }
type Pkcs11Settings = {
  id: string
  driver: 'card-pkcs11'
  module: string
  token: string
  pinFile: string
  key?: string | undefined
  vda: string
  certFile?: string | undefined
}
export type CardSettings = SimulatorSettings | Pkcs11Settings

/** Makes the driver of a signature card without connecting it. */
export function makeCard(settings: CardSettings, context: DriverContext): Promise<OpenedDevice<SignatureCard>> {
  switch (settings.driver) {
    case 'card-simulator':
      return makeSimulator(settings, context)
    case 'card-pkcs11':
      return makePkcs11(settings, context)
  }
}

async function makeSimulator(
  { id, driver }: SimulatorSettings,
  context: DriverContext,
): Promise<OpenedDevice<SignatureCard>> {
  const { CardSimulator } = await import('./card-simulator/driver.ts')
  const unit = new CardSimulator({ directory: context.directoryOf(id), clock: context.clock })
  return simulated({ id, driver }, unit)
}

async function makePkcs11(settings: Pkcs11Settings, context: DriverContext): Promise<OpenedDevice<SignatureCard>> {
  const { Pkcs11Card } = await import('./card-pkcs11/driver.ts')
  const { id, driver, module, token, pinFile, key, vda, certFile } = settings
  const card = new Pkcs11Card({
    id,
    module,
    token,
    key,
    vda,
    certFile,
    clock: context.clock,
    directory: context.directoryOf(id),
    pin: () => context.readSecret(pinFile),
    secrets: context.secretsOf(id, { [TOKEN_PIN]: pinFile }),
    readFile: context.readFile,
  })
  return opened({ id, driver }, card)
}
