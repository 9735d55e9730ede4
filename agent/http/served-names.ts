import type { Socket } from 'node:net'
import { inUrl, unmapped } from '../../base/listening.ts'

type Scheme = 'http' | 'https'

const USUAL_PORTS = { http: ':80', https: ':443' } as const

/** The allowed Host names of the agent, and so the origins of its pages. */
export class ServedNames {
  readonly #scheme: Scheme
  /** Lower-case `name:port`. */
  readonly #hosts = new Set<string>()

  constructor(scheme: Scheme) {
    this.#scheme = scheme
  }

  allow(name: string): void {
    for (const written of this.#asWritten(name.toLowerCase())) this.#hosts.add(written)
  }

  /** An allowed name, or the called address itself: a name that was rebound to that address does not match. */
  hasHost(host: string, socket: Socket): boolean {
    if (this.#hosts.has(host)) return true
    const lower = host.toLowerCase()
    return this.#hosts.has(lower) || this.#asWritten(calledAddress(socket)).includes(lower)
  }

  hasOrigin(origin: string, socket: Socket): boolean {
    const start = `${this.#scheme}://`
    return origin.startsWith(start) && this.hasHost(origin.slice(start.length), socket)
  }

  /** Clients omit the default port of the scheme (RFC 9110 §4.2), and browsers also in an Origin. */
  #asWritten(name: string): string[] {
    const usual = USUAL_PORTS[this.#scheme]
    return name.endsWith(usual) ? [name, name.slice(0, -usual.length)] : [name]
  }
}

/** Without the zone of a link-local address, which a Host header never has (RFC 9844 §5). */
function calledAddress({ localAddress = '', localPort }: Socket): string {
  return `${inUrl(unmapped(localAddress).replace(/%.*$/, ''))}:${localPort}`
}
