import { join } from 'node:path'
import { DAY_MS } from '../../base/clock.ts'
import { certificateIn, issuedTo } from './issued.ts'
import { TLS_FOLDER } from './shop-authority.ts'

/**
 * A certificate on which tills or the sync depend. `holder`: the register of a terminal, or the target to which this
 * agent shows it. Times in milliseconds since 1970.
 */
export type HeldCertificate = {
  readonly use: 'server' | 'authority' | 'terminal' | 'target'
  readonly holder: string
  readonly file: string
  readonly beginsAtMs: number
  readonly expiresAtMs: number
}

type Settings = {
  certFile?: string | undefined
  clientCaFile?: string | undefined
  clientCertificates: 'off' | 'optional' | 'required'
}

/** Maps a file of the configuration to the path at which it is read. */
type Handed = (file: string) => string

/** A person must carry a new authority to every terminal; the others take a minute. */
const SOON_MS = { server: 30 * DAY_MS, authority: 365 * DAY_MS, terminal: 30 * DAY_MS, target: 30 * DAY_MS } as const

/** The path of the authority's own certificate. */
export function authorityFile(stateDirectory: string): string {
  return join(stateDirectory, TLS_FOLDER, 'ca.crt')
}

/**
 * The agent's certificate, the authorities whose clients it accepts, and the terminals' certificates; omits those that
 * cannot be read.
 */
export function heldCertificates(
  stateDirectory: string,
  tls: Settings | undefined,
  handed: Handed = (file) => file,
): HeldCertificate[] {
  if (tls === undefined) return []
  const folder = join(stateDirectory, TLS_FOLDER)
  const asksTerminals = tls.clientCertificates !== 'off'
  const own = tls.certFile === undefined || (asksTerminals && tls.clientCaFile === undefined)
  const others = asksTerminals ? tls.clientCaFile : undefined
  const ownFile = authorityFile(stateDirectory)
  const authority = certificateIn(ownFile)
  // Certificates of an authority before this one are worthless: their expiry needs no warning.
  const issued = asksTerminals && authority !== undefined ? issuedTo(folder) : []
  const terminals = issued.filter(({ certificate }) => authority !== undefined && certificate.checkIssued(authority))
  return [
    ...(tls.certFile === undefined
      ? certificateHeld('server', '', join(folder, 'server.crt'))
      : certificateHeld('server', '', tls.certFile, certificateIn(handed(tls.certFile)))),
    ...(own ? certificateHeld('authority', '', ownFile, authority) : []),
    ...(others === undefined ? [] : certificateHeld('authority', '', others, certificateIn(handed(others)))),
    ...terminals.flatMap(({ register, file, certificate }) => certificateHeld('terminal', register, file, certificate)),
  ]
}

type Target = { readonly id: string; readonly tls?: { readonly certFile?: string | undefined } | undefined }

/** The certificates that the agent shows to targets that require one. */
export function targetCertificates(targets: readonly Target[], handed: Handed): HeldCertificate[] {
  return targets.flatMap(({ id, tls }) => {
    const file = tls?.certFile
    return file === undefined ? [] : certificateHeld('target', id, file, certificateIn(handed(file)))
  })
}

/** Whether a person should act now. `early`: made while the clock ran ahead, and not valid before that time. */
export function urgencyOf(
  { use, beginsAtMs, expiresAtMs }: HeldCertificate,
  nowMs: number,
): 'none' | 'early' | 'soon' | 'expired' {
  if (beginsAtMs > nowMs) return 'early'
  if (expiresAtMs <= nowMs) return 'expired'
  return expiresAtMs - nowMs < SOON_MS[use] ? 'soon' : 'none'
}

/** The certificate of that file; none if it cannot be read. */
export function certificateHeld(
  use: HeldCertificate['use'],
  holder: string,
  file: string,
  certificate = certificateIn(file),
): HeldCertificate[] {
  if (certificate === undefined) return []
  const { validFromDate, validToDate } = certificate
  return [{ use, holder, file, beginsAtMs: validFromDate.getTime(), expiresAtMs: validToDate.getTime() }]
}
