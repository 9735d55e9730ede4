import { isIP } from 'node:net'

/** Ends of names that are not in the public DNS: RFC 6761, 6762 and 8375, and those of routers and offices. */
const PRIVATE = /\.(?:arpa|corp|example|home|internal|intranet|invalid|lan|local|localdomain|localhost|private|test)$/i
export const PUBLIC_NAME = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/i

/** The name by which this machine introduces itself to a mail server, else its address (RFC 5321 §4.1.3 and §4.1.4). */
export function heloNameOf(hostname: string, address: string): string {
  if (PUBLIC_NAME.test(hostname) && !PRIVATE.test(hostname)) return hostname
  const literal = address.replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/, '')
  return isIP(literal) === 6 ? `[IPv6:${literal}]` : `[${literal}]`
}
