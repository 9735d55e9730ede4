import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ISSUED_FOLDER, TLS_FOLDER } from './shop-authority.ts'

/** A certificate on which tills depend. `holder`: the register of a terminal. `expiresAtMs`: milliseconds since 1970. */
export type HeldCertificate = {
  readonly use: 'server' | 'authority' | 'terminal'
  readonly holder: string
  readonly file: string
  readonly expiresAtMs: number
}

type Settings = {
  certFile?: string | undefined
  clientCaFile?: string | undefined
  clientCertificates: 'off' | 'optional' | 'required'
}

const CRT = '.crt'
const DAY_MS = 86_400_000
const TERMINALS_MAX = 1000
/** A new authority has to be carried to every terminal; the others take a minute. */
const SOON_MS = { server: 30 * DAY_MS, authority: 180 * DAY_MS, terminal: 30 * DAY_MS } as const

/** What is served, whose clients are taken, and what was given to terminals; what cannot be read is left out. */
export function heldCertificates(stateDirectory: string, tls: Settings | undefined): HeldCertificate[] {
  if (tls === undefined) return []
  const folder = join(stateDirectory, TLS_FOLDER)
  const asksTerminals = tls.clientCertificates !== 'off'
  const own = tls.certFile === undefined || (asksTerminals && tls.clientCaFile === undefined)
  const others = asksTerminals ? tls.clientCaFile : undefined
  const issued = join(folder, ISSUED_FOLDER)
  return [
    ...read('server', '', tls.certFile ?? join(folder, 'server.crt')),
    ...(own ? read('authority', '', join(folder, 'ca.crt')) : []),
    ...(others === undefined ? [] : read('authority', '', others)),
    ...(asksTerminals ? namesIn(issued) : []).flatMap((name) =>
      read('terminal', name.slice(0, -CRT.length), join(issued, name)),
    ),
  ]
}

/** Whether somebody should see to it now. */
export function urgencyOf({ use, expiresAtMs }: HeldCertificate, nowMs: number): 'none' | 'soon' | 'expired' {
  if (expiresAtMs <= nowMs) return 'expired'
  return expiresAtMs - nowMs < SOON_MS[use] ? 'soon' : 'none'
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(CRT))
      .sort()
      .slice(0, TERMINALS_MAX)
  } catch {
    return []
  }
}

function read(use: HeldCertificate['use'], holder: string, file: string): HeldCertificate[] {
  try {
    const { validToDate } = new X509Certificate(readFileSync(file))
    return [{ use, holder, file, expiresAtMs: validToDate.getTime() }]
  } catch {
    return []
  }
}
