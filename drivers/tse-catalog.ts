import type { LineSettings } from './line-catalog.ts'
import { makeLink } from './line-catalog.ts'
import type { DriverContext } from './opened-device.ts'
import { opened, simulated } from './opened-device.ts'
import type { OpenedDevice } from './ports/device.ts'
import type { Plug } from './ports/plug.ts'
import type { QueueLoad } from './ports/queue-load.ts'
import { TOKEN_PIN } from './ports/secrets.ts'
import type { Tse } from './ports/tse.ts'
import type { DieboldBox } from './tse-diebold/box.ts'

type Timeouts = { replyMs: number; longMs: number }
type SimulatorSettings = {
  id: string
  driver: 'tse-simulator'
  curve: 'P-256' | 'P-384' | 'brainpoolP256r1' | 'brainpoolP384r1'
  latencyMs: number
}
type Pkcs11Settings = {
  id: string
  driver: 'tse-pkcs11'
  module: string
  token: string
  pinFile: string
  key?: string | undefined
  curve: 'P-256' | 'P-384' | 'brainpoolP384r1'
  certFile?: string | undefined
  timeouts: Timeouts
}
type CryptovisionSettings = {
  id: string
  driver: 'tse-cryptovision'
  path: string
  adminPinFile?: string | undefined
  adminPukFile?: string | undefined
  timeAdminPinFile?: string | undefined
  timeAdminPukFile?: string | undefined
  timeouts: Timeouts
}
type DieboldSettings = LineSettings & {
  id: string
  driver: 'tse-diebold'
  slot: number
  adminPinFile?: string | undefined
  timeAdminPinFile?: string | undefined
  timeouts: Timeouts
}
type EpsonSettings = {
  id: string
  driver: 'tse-epson'
  tcp: { host: string; port: number }
  deviceId?: string | undefined
  pukFile?: string | undefined
  adminPinFile?: string | undefined
  timeAdminPinFile?: string | undefined
  secretFile?: string | undefined
  timeouts: Timeouts
}
type SwissbitSettings = {
  id: string
  driver: 'tse-swissbit'
  path: string
  library: string
  pukFile?: string | undefined
  adminPinFile?: string | undefined
  timeAdminPinFile?: string | undefined
  timeouts: Timeouts
}
export type TseSettings =
  | SimulatorSettings
  | Pkcs11Settings
  | CryptovisionSettings
  | DieboldSettings
  | EpsonSettings
  | SwissbitSettings

/** `boxes`: state shared by devices that are slots of one box, by its address; without it each device has its own. */
export type TseContext = DriverContext & { boxes?: Map<string, DieboldBox> }

/** Makes the driver of a TSE without connecting it. */
export async function makeTse(settings: TseSettings, context: TseContext): Promise<OpenedDevice<Tse>> {
  if (settings.driver === 'tse-simulator') return makeSimulator(settings, context)
  const { unit, plug } = await makeUnit(settings, context)
  return opened(settings, unit, plug)
}

async function makeSimulator(settings: SimulatorSettings, context: DriverContext): Promise<OpenedDevice<Tse>> {
  const { id, curve, latencyMs } = settings
  const { TseSimulator } = await import('./tse-simulator/driver.ts')
  const { clock, directoryOf } = context
  const known = (serial: string) => context.numbersOf?.(id, serial)
  const time = context.timeOf?.(id)
  return simulated(settings, new TseSimulator({ directory: directoryOf(id), curve, latencyMs, clock, known, time }))
}

async function makeUnit(
  settings: Exclude<TseSettings, SimulatorSettings>,
  context: TseContext,
): Promise<{ unit: Tse & { load(): QueueLoad }; plug?: Plug }> {
  const { clock } = context
  const time = context.timeOf?.(settings.id)
  switch (settings.driver) {
    case 'tse-pkcs11': {
      const { Pkcs11Tse } = await import('./tse-pkcs11/driver.ts')
      const { id, module, token, pinFile, key, curve, certFile, timeouts } = settings
      const unit = new Pkcs11Tse({
        id,
        module,
        token,
        key,
        curve,
        certFile,
        clock,
        time,
        known: (serial) => context.numbersOf?.(id, serial),
        directory: context.directoryOf(id),
        timeouts: { signMs: timeouts.replyMs, longMs: timeouts.longMs },
        pin: () => context.readSecret(pinFile),
        secrets: context.secretsOf(id, { [TOKEN_PIN]: pinFile }),
        readFile: context.readFile,
        store: context.storeOf(id),
      })
      return { unit }
    }
    case 'tse-cryptovision': {
      const { CryptovisionTse } = await import('./tse-cryptovision/driver.ts')
      const { id, path, timeouts, adminPinFile, adminPukFile, timeAdminPinFile, timeAdminPukFile } = settings
      const files = { adminPin: adminPinFile, adminPuk: adminPukFile, timeAdminPin: timeAdminPinFile }
      const secrets = context.secretsOf(id, { ...files, timeAdminPuk: timeAdminPukFile })
      const enrolledSerial = () => context.enrolledSerial?.(id)
      const directory = context.directoryOf(id)
      const unit = new CryptovisionTse({ id, path, timeouts, secrets, clock, enrolledSerial, time, directory })
      return { unit, plug: unit }
    }
    case 'tse-diebold': {
      const { DieboldTse } = await import('./tse-diebold/driver.ts')
      const { id, slot, timeouts, adminPinFile, timeAdminPinFile } = settings
      const secrets = context.secretsOf(id, { adminPin: adminPinFile, timeAdminPin: timeAdminPinFile })
      const box = await makeBox(settings, context)
      const directory = context.directoryOf(id)
      return { unit: new DieboldTse({ id, box, directory, slot, timeouts, secrets, clock, time }), plug: box.link }
    }
    case 'tse-epson': {
      const { EpsonTse } = await import('./tse-epson/driver.ts')
      const { id, tcp, deviceId, timeouts, pukFile, adminPinFile, timeAdminPinFile, secretFile } = settings
      const files = { puk: pukFile, adminPin: adminPinFile, timeAdminPin: timeAdminPinFile, secret: secretFile }
      const link = await makeLink({ tcp }, {}, clock)
      const directory = context.directoryOf(id)
      const secrets = context.secretsOf(id, files)
      return { unit: new EpsonTse({ id, link, deviceId, directory, secrets, timeouts, clock, time }), plug: link }
    }
    case 'tse-swissbit': {
      const { SwissbitTse } = await import('./tse-swissbit/driver.ts')
      const { id, path, library, timeouts, pukFile, adminPinFile, timeAdminPinFile } = settings
      const files = { puk: pukFile, adminPin: adminPinFile, timeAdminPin: timeAdminPinFile }
      const directory = context.directoryOf(id)
      const secrets = context.secretsOf(id, files)
      const enrolledSerial = () => context.enrolledSerial?.(id)
      const options = { id, path, library, directory, secrets, timeouts, clock, time, enrolledSerial }
      const unit = new SwissbitTse(options)
      return { unit, plug: unit }
    }
  }
}

/** Devices on the same line are slots of one box. */
async function makeBox(settings: LineSettings, { clock, boxes }: TseContext): Promise<DieboldBox> {
  const place = JSON.stringify(settings.tcp ?? settings.serial?.path ?? settings.serial?.usb)
  const known = boxes?.get(place)
  if (known !== undefined) return known
  const { DieboldBox } = await import('./tse-diebold/box.ts')
  const box = new DieboldBox(await makeLink(settings, {}, clock), clock)
  boxes?.set(place, box)
  return box
}
