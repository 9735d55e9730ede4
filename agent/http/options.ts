import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Contract } from '../contract/contract-of.ts'
import type { DescribedAgent } from '../contract/openapi.ts'
import type { Draw } from '../receipts/drawing.ts'
import type { Connections } from './connections.ts'
import type { Rate } from './rate.ts'
import type { ServedNames } from './served-names.ts'
import type { Strangers } from './strangers.ts'

/** PEM. `ca` requests client certificates of that authority; `demandsClient` refuses connections without one. */
export type Tls = { key: string; cert: string; ca?: string; demandsClient: boolean }

export type HttpOptions = {
  /** Serves only TLS 1.2 and 1.3. */
  tls?: Tls
  /** Further names without a port, allowed with the listening port. */
  names?: readonly string[]
  /** Requests of a key, and eight times as many of an address; unlimited if omitted. */
  rate?: Rate
  /** Requests of an address without a valid key; 50 a second, 200 at once. */
  strangers?: Rate
  /** The contract, with the shapes of the agent's laws. */
  contract: Contract
  /** The program and its address, for the OpenAPI document. */
  described: DescribedAgent
  /** Whom the shop calls, on the status page. */
  support?: string | undefined
  /** `name:port`, in addition to localhost, 127.0.0.1, [::1] and the called address with the listening port. */
  allowedHosts: readonly string[]
  /** Exact origins of other sites that may call, e.g. `https://till.example`. */
  allowedOrigins: readonly string[]
  log: Log
  clock: Clock
  /** Called at each point; a crash test ends the process there. */
  fault: (point: 'request.received' | 'request.validated' | 'answer.before' | 'answer.after') => void
  /**
   * Resolves when a request of that register or other key may be parsed or answered: few run per iteration of the event
   * loop. At once if omitted.
   */
  slot?: (holder: string) => Promise<void>
  /** Draws a receipt. */
  draw: Draw
  /** Called for every answered request; `route` is its template, `-` if none matched. */
  onAnswer?: (method: string, route: string, status: number, seconds: number) => void
  /** From the first byte of a request to the end of its headers; 10,000. */
  headersTimeoutMs?: number
  /** From the first byte of a request to the end of its body; 15,000. */
  requestTimeoutMs?: number
  /** How long an idle connection stays open; 65,000, which is 1,000 more than callers are promised. */
  idleTimeoutMs?: number
  /** How long a client may read nothing of a file or another large answer; 60,000. */
  stalledMs?: number
  /** How long `close()` waits for running requests; 11,000. */
  closeTimeoutMs?: number
  /** How long `close()` waits for requests that are incomplete; 2,000. */
  halfRequestMs?: number
}

/** State shared by the listening server and its application. */
export type Gate = {
  readonly names: ServedNames
  readonly connections: Pick<Connections, 'known' | 'unread'>
  readonly strangers: Strangers
  closing: boolean
}
