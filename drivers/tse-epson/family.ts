import type { Paths } from '../../base/settings/paths.ts'
import { words } from '../../base/settings/values.ts'
import type { TseFamily } from '../device-family.ts'
import { entry } from '../device-family.ts'
import { makeLink } from '../links/make-link.ts'
import { tcp } from '../links/settings.ts'
import { opened, tseParts } from '../opened-device.ts'
import { pluggable } from '../running-simulator.ts'
import { certified, PIN_FILES, pinFiles, timeouts } from '../tse-settings.ts'

const DRIVER = 'tse-epson'

function settings({ secret }: Paths) {
  return entry(DRIVER, {
    tcp: tcp(),
    deviceId: words.default('local_TSE'),
    pukFile: secret.optional(),
    ...pinFiles(secret),
    secretFile: secret.optional(),
    timeouts: timeouts(5000),
    ...certified,
  })
}

export const EPSON = {
  driver: DRIVER,
  settings,
  example: `    // A TSE Server has an entry for each of its TSEs, with its "deviceId" there, by default "local_TSE":
    // { "id": "tse-1", "driver": "tse-epson", "tcp": { "host": "192.168.1.20", "port": 8009 },
    //   "adminPinFile": "/etc/fiskal-edge/admin.pin", "timeAdminPinFile": "/etc/fiskal-edge/time.pin",
    //   "pukFile": "/etc/fiskal-edge/puk", "secretFile": "/etc/fiskal-edge/epson.secret" },   // unless it is the factory's`,
  disk: undefined,
  usb: undefined,
  simulator: {
    choices: ['port', 'latency', 'history'],
    open: async ({ directory, clock, latencyMs, history, port = 0 }) => {
      const { EpsonSimulator } = await import('./simulator.ts')
      const host = new EpsonSimulator({ directory, clock, latencyMs, history })
      const address = { host: '127.0.0.1', port: await host.serveTcp(port) }
      return pluggable(host, { driver: DRIVER, tcp: address }, () => host.close())
    },
  },
  network: {
    ...{ maker: 'Epson', within: ', with a TSE in it' },
    entry: { tcp: { host: '192.168.1.20', port: 8009 }, ...PIN_FILES },
  },
  dialect: async () => (await import('./dialect.ts')).EPSON_DIALECT,
  make: async (device, context) => {
    const { EpsonTse } = await import('./driver.ts')
    const { id, deviceId, timeouts: limits } = device
    const link = await makeLink({ tcp: device.tcp }, {}, context)
    const unit = new EpsonTse({
      ...tseParts(id, context),
      link,
      deviceId,
      timeouts: limits,
      secrets: context.secretsOf(id, {
        puk: device.pukFile,
        adminPin: device.adminPinFile,
        timeAdminPin: device.timeAdminPinFile,
        secret: device.secretFile,
      }),
    })
    return opened(device, unit, link)
  },
} satisfies TseFamily<ReturnType<typeof settings>>
