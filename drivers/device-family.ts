import { z } from 'zod'
import type { Paths } from '../base/settings/paths.ts'
import { strict } from '../base/settings/strict.ts'
import { deviceId } from '../base/settings/values.ts'
import type { UsbDevice } from './links/usb-devices.ts'
import type { DriverContext } from './opened-device.ts'
import type { OpenedDevice } from './ports/device.ts'
import type { Tse } from './ports/tse.ts'
import type { Dialect } from './recording/dialect.ts'
import type { Simulator } from './running-simulator.ts'

/** The schema of an entry of `devices`. */
type DeviceEntry = z.ZodType<{ driver: string }>

/**
 * A family of devices in the catalog of its kind: the parts that the configuration and commands read, and the function
 * that loads the driver. A member that a family does not have is `undefined`, never omitted, so that none is forgotten.
 */
export type DeviceFamily<Unit, Entry extends DeviceEntry> = {
  /** Its name in agent.json, which begins with its kind: `tse-`, `card-` or `rt-`. */
  readonly driver: z.output<Entry>['driver']
  /** The schema of its entry in `devices`: an {@link entry}. */
  readonly settings: (paths: Paths) => Entry
  /** Its entry in `config example`, with the reason next to each key; in comments for all but the first of its kind. */
  readonly example: string
  /** Its simulator, if `fiskal-edge simulate` can run it next to an agent. */
  readonly simulator: Simulator | undefined
  readonly network: NetworkUnit | undefined
  /** How its bytes are recorded and played; undefined for a unit that is embedded in the agent. */
  readonly dialect: (() => Promise<Dialect>) | undefined
  /** Makes the driver without connecting it. */
  readonly make: (settings: z.output<Entry>, context: DriverContext) => Promise<OpenedDevice<Unit>>
}

/** A unit that answers on the network only, although the USB id of its host's maker shows it. */
export type NetworkUnit = {
  readonly maker: string
  /** Follows the name of the host. */
  readonly within: string
  /** Members of the entry that `doctor` proposes, in addition to the driver. */
  readonly entry: Readonly<Record<string, unknown>>
}

/** A TSE that is a drive: `path` of its settings is the mount point. */
export type TseDisk = {
  /** The file that identifies the drive: `doctor` finds it by that, and `service install` writes its mount unit. */
  readonly file: string
  /** Its name for people. */
  readonly name: string
  /** Members of the entry that `doctor` proposes, in addition to driver and path. */
  readonly more: Readonly<Record<string, string>>
}

/** A TSE that the USB ids of its maker identify. `systemd/60-fiskal-edge.rules` has the ids too. */
export type TseUsb = {
  /** Four hexadecimal digits, from the USB Implementers Forum. */
  readonly vendorId: string
  readonly maker: string
  /** True if its driver reaches it without a serial line. */
  readonly isLineless: boolean
  /** Members of the entry that `doctor` proposes, in addition to the driver. */
  readonly entry: (device: UsbDevice) => Readonly<Record<string, unknown>>
  /** The steps before that entry works; undefined if it works at once. */
  readonly first: (device: UsbDevice) => string | undefined
}

export type TseFamily<Entry extends DeviceEntry> = DeviceFamily<Tse, Entry> & {
  readonly disk: TseDisk | undefined
  readonly usb: TseUsb | undefined
}

/** An entry of `devices` with these members. */
export function entry<Driver extends string, Shape extends z.core.$ZodLooseShape>(driver: Driver, shape: Shape) {
  return strict({ id: deviceId, driver: z.literal(driver), ...shape })
}

/** The settings of a family, as its entry has them. */
export type SettingsOf<Family extends { settings: (paths: Paths) => z.ZodType }> = z.output<
  ReturnType<Family['settings']>
>

/** The family of an entry: each name of a driver that the schema takes has one. */
export function familyOf<Family extends { driver: string }>(
  families: readonly Family[],
  { driver }: { readonly driver: Family['driver'] },
): Family {
  const family = families.find((each) => each.driver === driver)
  if (family === undefined) throw new Error(`no family is called ${driver}`)
  return family
}
