import type { SecureContext, SecureContextOptions } from 'node:tls'
import { createSecureContext, getCACertificates } from 'node:tls'

/** PEM: own authorities instead of the public ones, and what the client shows. */
export type OwnTrust = { readonly ca?: string; readonly cert?: string; readonly key?: string }

/** Options of `tls.connect`, and of all that connects by it. */
export type Trust = { readonly secureContext: SecureContext; readonly rejectUnauthorized: true }

let publicContext: SecureContext | undefined

/**
 * The trust of a client of TLS. Each names it explicitly: an option that is missing is decided by variables
 * (`NODE_EXTRA_CA_CERTS`, `NODE_TLS_REJECT_UNAUTHORIZED`, `NODE_USE_SYSTEM_CA`). Without own authorities these are the
 * public ones that this version of Node brings. Throws OpenSSL's error for PEM that cannot be used.
 */
export function clientTrust({ ca, cert, key }: OwnTrust): Trust {
  if (ca !== undefined || cert !== undefined || key !== undefined)
    return { secureContext: contextWith({ ca: ca ?? publicAuthorities(), cert, key }), rejectUnauthorized: true }
  // 121 certificates take 13 ms and 2 MB: they are read once (measured).
  publicContext ??= contextWith({ ca: publicAuthorities() })
  return { secureContext: publicContext, rejectUnauthorized: true }
}

function publicAuthorities(): string[] {
  return getCACertificates('bundled')
}

function contextWith(more: SecureContextOptions): SecureContext {
  return createSecureContext({ ...more, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' })
}
