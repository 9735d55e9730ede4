import { isIP } from 'node:net'
import { inUrl } from '../../../base/listening.ts'
import type { Config } from '../../agent-config.ts'
import type { Finding } from './finding.ts'
import { caution, ok } from './finding.ts'

/** The address that the agent listens on, IPv6 in brackets as in a URL; in words if it listens on all addresses. */
function addressOf(host: string): string[] {
  if (host === '0.0.0.0' || host === '::') return ["each of this machine's addresses"]
  if (isIP(host) === 0 || ['127.0.0.1', '::1'].includes(host)) return []
  return [inUrl(host)]
}

/** The names that tills may use. A name without a port matches only the Host header of port 80. */
export function checkHosts({ allowedHosts, listen, tls }: Config, isLoopback: (host: string) => boolean): Finding {
  const named = (tls?.names ?? []).map((name) => `${inUrl(name)}:${listen.port}`)
  const own = ['127.0.0.1', '[::1]', 'localhost', ...addressOf(listen.host)].map((name) => `${name}:${listen.port}`)
  const message = [...own, ...named, ...allowedHosts].join(', ')
  const bare = allowedHosts.find((name) => !/:\d+$/.test(name))
  if (bare !== undefined) return caution('host names', message, `write "${bare}:${listen.port}" in allowedHosts`)
  if (!isLoopback(listen.host) && allowedHosts.length + named.length === 0) {
    return caution('host names', message, 'tills that call by a name need it in tls.names or allowedHosts')
  }
  return ok('host names', message)
}
