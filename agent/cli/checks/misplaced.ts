import type { UsbDevice } from '../../../drivers/links/usb-devices.ts'
import { isSameUsb } from '../../../drivers/links/usb-devices.ts'
import { serialName, socketNames } from '../../../drivers/links/usb-names.ts'
import type { DeviceConfig } from '../../config/config.ts'
import { member } from '../daemon/admin-client.ts'
import { configurationMembers, realPath } from './unconfigured.ts'

export type Enrolment = { readonly device: string; readonly serial: string }

/** The members of an entry that say where a device is; PINs and speed belong to the unit. */
const PLACES = ['tcp', 'http', 'usb', 'path', 'module', 'token', 'slot'] as const
type Place = { readonly [Name in (typeof PLACES)[number]]?: unknown }

/** The remedy when the unit of another id answers at the line of this device; undefined otherwise. */
export function misplacedRemedy(
  device: unknown,
  enrolments: readonly Enrolment[],
  configured: readonly DeviceConfig[],
  plugged: readonly UsbDevice[],
): string | undefined {
  if (member(device, 'state') !== 'foreign') return undefined
  const here = configured.find(({ id }) => id === member(device, 'id'))
  const owners = enrolments.filter(({ serial }) => serial === member(device, 'serial')).map((each) => each.device)
  const owner = configured.find(({ id }) => owners.includes(id))
  if (here === undefined || owner === undefined || owners.includes(here.id)) return undefined
  const place = configurationMembers({ ...lineOf(here, owner, plugged), ...otherPlaces(here, owner) })
  const written = place === '' ? `connect it at the line of ${owner.id}` : `write in the entry of ${owner.id}: ${place}`
  return `That is the unit of ${owner.id}: ${written}. Then restart the agent.`
}

/** The serial line of that entry by a name that stays with the unit, with the speed of the unit. */
function lineOf(here: DeviceConfig, owner: DeviceConfig, plugged: readonly UsbDevice[]) {
  const line = 'serial' in here ? here.serial : undefined
  if (line === undefined) return {}
  const { path, usb, baudRate } = line
  const own = 'serial' in owner ? owner.serial : undefined
  const tty = path === undefined ? undefined : realPath(path)
  const pluggedDevice = plugged.find((each) =>
    usb === undefined ? each.tty === tty : each.tty !== undefined && isSameUsb(each, usb),
  )
  const sockets = socketNames()
  const name = pluggedDevice === undefined ? usb && { usb } : serialName(pluggedDevice, plugged, sockets)
  return { serial: { ...(name ?? { path: sockets.get(tty ?? '') ?? path }), baudRate: own?.baudRate ?? baudRate } }
}

function otherPlaces(here: DeviceConfig, owner: DeviceConfig): Place {
  const [from, to] = [here, owner].map((entry) => new Map<string, unknown>(Object.entries(entry)))
  return Object.fromEntries(
    PLACES.flatMap((name) => {
      const value = from?.get(name)
      const isSame = JSON.stringify(value) === JSON.stringify(to?.get(name))
      return value === undefined || isSame ? [] : [[name, value]]
    }),
  )
}
