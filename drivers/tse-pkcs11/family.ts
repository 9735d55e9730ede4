import { z } from 'zod'
import type { Paths } from '../../base/settings/paths.ts'
import { words } from '../../base/settings/values.ts'
import type { TseFamily } from '../device-family.ts'
import { entry } from '../device-family.ts'
import { opened } from '../opened-device.ts'
import { TOKEN_PIN } from '../ports/secrets.ts'
import { timeouts } from '../tse-settings.ts'

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
  })
}

export const PKCS11 = {
  driver: DRIVER,
  settings,
  example: `    // A key in a token, NOT CERTIFIED; "key" is its label if the token has several:
    // { "id": "tse-1", "driver": "tse-pkcs11", "module": "/usr/lib/softhsm/libsofthsm2.so", "token": "edge",
    //   "pinFile": "/etc/fiskal-edge/tse.pin", "curve": "P-256", "key": "label", "certFile": "/etc/fiskal-edge/tse.crt" },
    // How long the agent waits for each of them, Diebold's "replyMs" 1500: "timeouts": { "replyMs": 5000, "longMs": 120000 }`,
  disk: undefined,
  usb: undefined,
  simulator: undefined,
  make: async (device, context) => {
    const { Pkcs11Tse } = await import('./driver.ts')
    const { id, module, token, pinFile, key, curve, certFile } = device
    const unit = new Pkcs11Tse({
      id,
      module,
      token,
      key,
      curve,
      certFile,
      clock: context.clock,
      time: context.timeOf?.(id),
      known: (serial) => context.numbersOf?.(id, serial),
      directory: context.directoryOf(id),
      timeouts: { signMs: device.timeouts.replyMs, longMs: device.timeouts.longMs },
      pin: () => context.readSecret(pinFile),
      secrets: context.secretsOf(id, { [TOKEN_PIN]: pinFile }),
      readFile: context.readFile,
      store: context.storeOf(id),
    })
    return opened(device, unit)
  },
} satisfies TseFamily<ReturnType<typeof settings>>
