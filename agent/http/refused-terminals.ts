import type { TLSSocket } from 'node:tls'
import type { HttpOptions } from './options.ts'

const NONE_SHOWN = 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'
/** A till retries every second. */
const LOG_INTERVAL_NS = 600_000_000_000n
const CODES_MAX = 64

/**
 * Logs terminals whose certificate is refused: it has expired, or is of another authority. The terminals themselves
 * only see that each connection ends.
 */
export function refusedTerminals({ clock, log }: Pick<HttpOptions, 'clock' | 'log'>) {
  const loggedAt = new Map<string, bigint>()
  return (error: Error & { code?: string }, { authorizationError, remoteAddress }: TLSSocket): void => {
    // Node sets a string if a certificate was shown; its type says an Error.
    const code = authorizationError ? String(authorizationError) : error.code
    if (code === undefined || (!authorizationError && code !== NONE_SHOWN)) return
    const key = `${code} ${remoteAddress ?? ''}`
    const [nowNs, before] = [clock.mono(), loggedAt.get(key)]
    if (before !== undefined && nowNs - before < LOG_INTERVAL_NS) return
    if (loggedAt.size >= CODES_MAX) loggedAt.clear()
    loggedAt.set(key, nowNs)
    const host = remoteAddress === undefined ? {} : { host: remoteAddress }
    log.warn({ code, ...host }, 'a terminal is refused: its certificate is not taken, or it shows none')
  }
}
