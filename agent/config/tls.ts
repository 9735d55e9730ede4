import { isIP } from 'node:net'
import { z } from 'zod'
import type { Paths } from '../../base/settings/paths.ts'
import { strict } from '../../base/settings/strict.ts'

/** RFC 1123 host name or an address, without a port. */
const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i

const name = z
  .string()
  .refine((text) => isIP(text) !== 0 || HOST.test(text), 'a host name or an address, without a port')

/**
 * TLS of the sale API. The server uses `certFile` and `keyFile`; without them the shop's own authority issues and
 * renews a certificate for `names`. Client certificates of terminals are issued by `clientCaFile`, else by the shop's
 * authority.
 */
export function tlsSettings({ pem, certificate }: Paths) {
  return strict({
    certFile: certificate.optional(),
    keyFile: pem.optional(),
    clientCaFile: certificate.optional(),
    names: z.array(name).max(32).default([]),
    clientCertificates: z.enum(['off', 'optional', 'required']).optional(),
  })
    .check(({ value, issues }) => {
      const { certFile, keyFile, names } = value
      const missing = (key: string, message: string) =>
        issues.push({ code: 'custom', input: undefined, path: [key], message })
      if (certFile === undefined && keyFile === undefined && names.length === 0)
        missing('names', 'required, unless certFile and keyFile are given: the names under which tills call')
      else if (certFile === undefined && keyFile !== undefined) missing('certFile', 'is missing')
      else if (keyFile === undefined && certFile !== undefined) missing('keyFile', 'is missing')
    })
    .transform((tls) => ({
      ...tls,
      clientCertificates:
        tls.clientCertificates ?? (tls.clientCaFile === undefined ? ('off' as const) : ('required' as const)),
    }))
}

/** On the shop's network; a till sells a few times a minute. */
export const NETWORK_RATE = { perSecond: 50, burst: 100 }

/** Limits of one key: requests per second on average, and requests at once. */
export const rateSettings = strict({
  perSecond: z.int().min(1).max(10_000).default(NETWORK_RATE.perSecond),
  burst: z.int().min(1).max(100_000).default(NETWORK_RATE.burst),
})
