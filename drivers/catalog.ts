import type { DriverContext, Opened } from './opened-device.ts'
import { opened, simulated } from './opened-device.ts'
import type { FiscalPrinter } from './ports/fiscal-printer.ts'
import type { SignatureCard } from './ports/signature-card.ts'
import type { Tse } from './ports/tse.ts'
import type { PrinterSettings } from './printer-catalog.ts'
import { makePrinter } from './printer-catalog.ts'
import type { TseSettings } from './tse-catalog.ts'
import { makeTse } from './tse-catalog.ts'

type CardSimulatorSettings = { id: string; driver: 'card-simulator' }
type CardSettings = {
  id: string
  driver: 'card-pkcs11'
  module: string
  token: string
  pinFile: string
  key?: string | undefined
  vda: string
  certFile?: string | undefined
}
/** A device of the configuration. */
export type DeviceSettings = TseSettings | CardSimulatorSettings | CardSettings | PrinterSettings

export type OpenedDevice = Opened<Tse | SignatureCard | FiscalPrinter>

/** Makes the driver of one device; connects nothing. A family is loaded only when a device asks for it. */
export function makeDevice(settings: DeviceSettings, context: DriverContext): Promise<OpenedDevice> {
  switch (settings.driver) {
    case 'tse-simulator':
    case 'tse-pkcs11':
    case 'tse-cryptovision':
    case 'tse-diebold':
    case 'tse-epson':
    case 'tse-swissbit':
      return makeTse(settings, context)
    case 'card-simulator':
      return makeCardSimulator(settings, context)
    case 'card-pkcs11':
      return makePkcs11Card(settings, context)
    case 'rt-rch':
    case 'rt-custom':
    case 'rt-epson':
    case 'rt-simulator':
      return makePrinter(settings, context)
  }
}

async function makeCardSimulator({ id, driver }: CardSimulatorSettings, context: DriverContext): Promise<OpenedDevice> {
  const { CardSimulator } = await import('./card-simulator/driver.ts')
  const unit = new CardSimulator({ directory: context.directoryOf(id), clock: context.clock })
  return simulated({ id, driver }, unit)
}

async function makePkcs11Card(settings: CardSettings, context: DriverContext): Promise<OpenedDevice> {
  const { Pkcs11Card } = await import('./card-pkcs11/driver.ts')
  const { id, driver, module, token, pinFile, key, vda, certFile } = settings
  const card = new Pkcs11Card({
    ...{ id, module, token, key, vda, certFile, clock: context.clock },
    directory: context.directoryOf(id),
    pin: () => context.readSecret(pinFile),
    fingerprint: context.secretsOf(id, {}).fingerprint,
  })
  return opened({ id, driver }, card)
}
