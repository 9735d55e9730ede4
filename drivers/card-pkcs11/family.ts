import { z } from 'zod'
import type { Paths } from '../../base/settings/paths.ts'
import { words } from '../../base/settings/values.ts'
import type { DeviceFamily } from '../device-family.ts'
import { entry } from '../device-family.ts'
import { opened, tokenParts } from '../opened-device.ts'
import type { SignatureCard } from '../ports/signature-card.ts'

const DRIVER = 'card-pkcs11'

function settings({ secret, certificate, library }: Paths) {
  return entry(DRIVER, {
    module: library,
    token: words,
    pinFile: secret,
    key: words.optional(),
    vda: z
      .string()
      // AT0, a closed system, names company and key instead of a certificate: not supported.
      .regex(/^AT[1-9]\d{0,2}$/, 'the number of a trust provider, "AT1" to "AT999"')
      .default('AT1'),
    certFile: certificate.optional(),
  })
}

export const PKCS11 = {
  driver: DRIVER,
  settings,
  example: `    // Replace it with a signature card and its PKCS#11 library:
    // { "id": "card-1", "driver": "card-pkcs11", "module": "/usr/lib/pkcs11.so",
    //   "token": "card", "pinFile": "/etc/fiskal-edge/card.pin", "vda": "AT1" },
    // "key" is the label of its key if the token has several, "certFile" its certificate if the token has no certificate.`,
  simulator: undefined,
  network: undefined,
  dialect: async () => (await import('./dialect.ts')).PKCS11_DIALECT,
  make: async (device, context) => {
    const { Pkcs11Card } = await import('./driver.ts')
    return opened(device, new Pkcs11Card({ ...tokenParts(device, context), vda: device.vda }))
  },
} satisfies DeviceFamily<SignatureCard, ReturnType<typeof settings>>
