import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'

const DAY_MS = 86_400_000
const SOON_DAYS = 30

/** The certificate that tills see, and how long it lasts. */
export function checkTls({ tls, state }: Config): Finding[] {
  if (tls === undefined) return []
  const file = tls.certFile ?? join(state, 'tls', 'server.crt')
  const renewal = tls.certFile === undefined ? 'fiskal-edge tls renew' : 'renew it where it comes from'
  try {
    const { validToDate, subjectAltName } = new X509Certificate(readFileSync(file))
    const days = Math.floor((validToDate.getTime() - systemClock.now()) / DAY_MS)
    const message = `${file}, ${days} days left, for ${subjectAltName ?? 'no name'}`
    if (days < 0) return [failure('tls', `${file} has expired`, renewal)]
    return [days < SOON_DAYS ? caution('tls', message, renewal) : ok('tls', message)]
  } catch (error) {
    if (tls.certFile === undefined) return [ok('tls', 'none yet: made at the next start')]
    return [failure('tls', `${file} cannot be used (${error instanceof Error ? error.message : 'unknown'})`, renewal)]
  }
}
