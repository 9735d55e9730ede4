import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Paths } from '../../base/settings/paths.ts'
import type { TseFamily } from '../device-family.ts'
import { entry } from '../device-family.ts'
import { makeLink } from '../links/make-link.ts'
import type { LinkSettings } from '../links/settings.ts'
import { serial, tcp } from '../links/settings.ts'
import { lineRemedy, usbIdentity } from '../links/usb-devices.ts'
import type { DriverContext } from '../opened-device.ts'
import { opened, tseParts } from '../opened-device.ts'
import { pluggable } from '../running-simulator.ts'
import { certified, PIN_FILES, pinFiles, timeouts } from '../tse-settings.ts'
import type { DieboldBox } from './box.ts'

const DRIVER = 'tse-diebold'

function settings({ file, secret }: Paths) {
  return entry(DRIVER, {
    serial: serial(file, 115_200).optional(),
    tcp: tcp().optional(),
    slot: z.int().min(1).max(10).default(1),
    ...pinFiles(secret),
    timeouts: timeouts(1500),
    ...certified,
  }).refine((device) => (device.serial === undefined) !== (device.tcp === undefined), 'give either "serial" or "tcp"')
}

export const DIEBOLD = {
  driver: DRIVER,
  settings,
  example: `    // SingleTSE; a ConnectBox has "tcp" with its "host" and "port" instead of "serial", and an entry for each slot:
    // { "id": "tse-1", "driver": "tse-diebold", "serial": { "path": "/dev/serial/by-id/usb-…", "baudRate": 115200 },
    //   "slot": 1, "adminPinFile": "/etc/fiskal-edge/admin.pin", "timeAdminPinFile": "/etc/fiskal-edge/time.pin" },`,
  disk: undefined,
  usb: {
    vendorId: '0aa7',
    maker: 'Diebold Nixdorf',
    isLineless: false,
    entry: (device) => ({ serial: { usb: usbIdentity(device) }, ...PIN_FILES }),
    first: (device) => (device.tty === undefined ? lineRemedy(device) : undefined),
  },
  simulator: {
    choices: ['link', 'port', 'latency', 'history', 'slots'],
    open: async ({ directory, clock, latencyMs, history, slots = 1, link = join(directory, 'line'), port }) => {
      const { DieboldSimulator } = await import('./simulator.ts')
      const pins = { admin: '12345', timeAdmin: '54321' }
      const unit = new DieboldSimulator({ directory, clock, latencyMs, history, slots, pins })
      const files = {
        adminPinFile: await written(directory, 'admin-pin', pins.admin),
        timeAdminPinFile: await written(directory, 'time-admin-pin', pins.timeAdmin),
      }
      if (port === undefined) await unit.servePty(link)
      const line =
        port === undefined
          ? { serial: { path: link } }
          : { tcp: { host: '127.0.0.1', port: await unit.serveTcp(port) } }
      return pluggable(unit, { driver: DRIVER, ...line, ...files }, () => unit.close())
    },
  },
  network: undefined,
  dialect: async () => (await import('./dialect.ts')).DIEBOLD_DIALECT,
  make: async (device, context) => {
    const { DieboldTse } = await import('./driver.ts')
    const { id, slot, timeouts: limits } = device
    const box = await boxAt(device, context)
    const unit = new DieboldTse({
      ...tseParts(id, context),
      box,
      slot,
      timeouts: limits,
      secrets: context.secretsOf(id, { adminPin: device.adminPinFile, timeAdminPin: device.timeAdminPinFile }),
    })
    return opened(device, unit, box.link)
  },
} satisfies TseFamily<ReturnType<typeof settings>>

/** Devices on the same line are slots of one box. */
async function boxAt(line: LinkSettings, context: DriverContext): Promise<DieboldBox> {
  const { DieboldBox: Box } = await import('./box.ts')
  const { clock, shared } = context
  const place = `${DRIVER} ${JSON.stringify(line.tcp ?? line.serial?.path ?? line.serial?.usb)}`
  const existing = shared?.get(place)
  if (existing instanceof Box) return existing
  const box = new Box(await makeLink(line, {}, context), clock)
  shared?.set(place, box)
  return box
}

async function written(directory: string, name: string, pin: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, name)
  await writeFile(path, pin, { mode: 0o600 })
  return path
}
