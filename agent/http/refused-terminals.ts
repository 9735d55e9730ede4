import type { TLSSocket } from 'node:tls'
import type { HttpOptions } from './options.ts'

const NONE_SHOWN = 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'
/** A till tries again each second. */
const TOLD_AGAIN_NS = 600_000_000_000n
const CODES_MAX = 64

/**
 * Tells the log of terminals whose certificate is not taken: it has ended, or is of another authority. What they see
 * themselves is a connection that ends, and the next one does too.
 */
export function refusedTerminals({ clock, log }: Pick<HttpOptions, 'clock' | 'log'>) {
  const told = new Map<string, bigint>()
  return (error: Error & { code?: string }, { authorizationError, remoteAddress }: TLSSocket): void => {
    // Node says so where the certificate was shown; its type says an Error.
    const code = authorizationError ? String(authorizationError) : error.code
    if (code === undefined || (!authorizationError && code !== NONE_SHOWN)) return
    const key = `${code} ${remoteAddress ?? ''}`
    const [nowNs, before] = [clock.mono(), told.get(key)]
    if (before !== undefined && nowNs - before < TOLD_AGAIN_NS) return
    if (told.size >= CODES_MAX) told.clear()
    told.set(key, nowNs)
    const host = remoteAddress === undefined ? {} : { host: remoteAddress }
    log.warn({ code, ...host }, 'a terminal is refused: its certificate is not taken, or it shows none')
  }
}
