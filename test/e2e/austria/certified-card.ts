import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../../base/clock.ts'
import { Pkcs11Card } from '../../../drivers/card-pkcs11/driver.ts'
import { certified } from '../../certified-unit.ts'
import type { TokenBench } from '../../drivers/native/soft-token.ts'
import { SOFTHSM } from '../../drivers/native/soft-token.ts'

export const PIN = '74091358'

/** A card with a key in a token, and a certificate as a trust provider issues it. */
export async function certifiedCard(tokens: TokenBench, token: string) {
  writeFileSync(join(tokens.folder, 'pin'), PIN, { mode: 0o600 })
  await tokens.makeToken(token, PIN)
  const options = { id: 'card-1', module: SOFTHSM, token, vda: 'AT3', directory: tokens.folder }
  const maker = new Pkcs11Card({ ...options, pin: async () => PIN, clock: systemClock })
  await maker.initialise()
  const { certificates } = await maker.identity()
  await maker.close()
  const key = new X509Certificate(certificates[0] ?? Buffer.alloc(0)).publicKey
  const chain = await certified(String(key.export({ type: 'spki', format: 'pem' })), join(tokens.folder, 'provider'))
  const certFile = join(tokens.folder, 'certificates.pem')
  writeFileSync(certFile, chain.map((der) => new X509Certificate(der).toString()).join(''))
  return {
    ...{ id: 'card-1', driver: 'card-pkcs11', module: SOFTHSM, token, vda: 'AT3' },
    ...{ certFile, pinFile: join(tokens.folder, 'pin') },
  }
}
