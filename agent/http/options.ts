import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Contract } from '../contract/contract-of.ts'
import type { Draw } from '../receipts/drawing.ts'
import type { Connections } from './connections.ts'
import type { Rate } from './rate.ts'
import type { ServedNames } from './served-names.ts'

/** PEM. With `ca` client certificates of it are asked for; where they are demanded nobody else comes in. */
export type Tls = { key: string; cert: string; ca?: string; demandsClient: boolean }

export type HttpOptions = {
  /** Serves TLS 1.2 and 1.3 alone. */
  tls?: Tls
  /** Names without a port under which it is called too, with the port that is bound. */
  names?: readonly string[]
  /** Requests of a key, and eight times as many of an address; without limit where left out. */
  rate?: Rate
  /** With what the laws of the agent add to it. */
  contract: Contract
  /** Of the agent, for the OpenAPI document. */
  version: string
  /** `name:port` beside localhost, 127.0.0.1, [::1] and the address that is called, with the listening port, which are always allowed. */
  allowedHosts: readonly string[]
  /** Exact origins of foreign pages that may call, e.g. `https://till.example`. */
  allowedOrigins: readonly string[]
  log: Log
  clock: Clock
  /** Names the point that is reached; a crash test ends the process there. */
  fault: (point: 'request.received' | 'request.validated' | 'answer.before' | 'answer.after') => void
  /** Resolves when a request of that register or other key may be judged or answered: few go in one turn of the event loop. At once where left out. */
  turn?: (holder: string) => Promise<void>
  /** Gives a receipt its form. */
  draw: Draw
  /** Told of every request that was answered; `route` is its template, `-` where none matched. */
  onAnswer?: (method: string, route: string, status: number, seconds: number) => void
  /** From the first byte of a request to the end of its headers; 10,000. */
  headersTimeoutMs?: number
  /** From the first byte of a request to the end of its body; 15,000. */
  requestTimeoutMs?: number
  /** How long a connection is kept on which nothing is asked; 65,000, and 1,000 more than callers are told. */
  idleTimeoutMs?: number
  /** How long who asked for a file or another large answer may take nothing of it; 60,000. */
  stalledMs?: number
  /** How long `close()` waits for running requests; 11,000. */
  closeTimeoutMs?: number
  /** How long `close()` waits for requests of which only a part has come; 2,000. */
  halfRequestMs?: number
}

/** What the listening server and its application share: known only once it listens, changed when it stops. */
export type Gate = {
  readonly names: ServedNames
  readonly connections: Pick<Connections, 'known'>
  closing: boolean
}
