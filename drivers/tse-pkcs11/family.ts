import { z } from 'zod'
import type { Paths } from '../../base/settings/paths.ts'
import { words } from '../../base/settings/values.ts'
import type { TseFamily } from '../device-family.ts'
import { entry } from '../device-family.ts'
import { opened, tokenParts, tseParts } from '../opened-device.ts'
import { inventory, timeouts } from '../tse-settings.ts'

const DRIVER = 'tse-pkcs11'

function settings({ secret, certificate, library }: Paths) {
  return entry(DRIVER, {
    module: library,
    token: words,
    pinFile: secret,
    key: words.optional(),
    curve: z.enum(['P-256', 'P-384', 'brainpoolP384r1']).default('P-256'),
    certFile: certificate.optional(),
    timeouts: timeouts(5000),
    inventory,
  })
}

export const PKCS11 = {
  driver: DRIVER,
  settings,
  example: `    // A key in a token, NOT CERTIFIED; "key" is its label if the token has several:
    // { "id": "tse-1", "driver": "tse-pkcs11", "module": "/usr/lib/softhsm/libsofthsm2.so", "token": "edge",
    //   "pinFile": "/etc/fiskal-edge/tse.pin", "curve": "P-256", "key": "label", "certFile": "/etc/fiskal-edge/tse.crt" },`,
  disk: undefined,
  usb: undefined,
  simulator: undefined,
  network: undefined,
  dialect: undefined,
  make: async (device, context) => {
    const { Pkcs11Tse } = await import('./driver.ts')
    const { id, curve } = device
    const unit = new Pkcs11Tse({
      ...tseParts(id, context),
      ...tokenParts(device, context),
      curve,
      journalledNumbers: (serial) => context.numbersOf?.(id, serial),
      timeouts: { signMs: device.timeouts.replyMs, longMs: device.timeouts.longMs },
      store: context.storeOf(id),
    })
    return opened(device, unit)
  },
} satisfies TseFamily<ReturnType<typeof settings>>
