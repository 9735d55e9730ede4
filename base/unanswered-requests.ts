import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TransientMap } from './transient-map.ts'

/** Neither tills nor browsers nor senders send a second request before the first one was answered. */
const OF_CONNECTION_MAX = 8

type Requests = { count: number; last: ServerResponse }

/**
 * The requests that are not answered yet, by connection. Pipelined requests are answered in order, and each takes some
 * kilobytes until then: Node makes up to 3,640 requests of the 64 KiB that it reads at once, so a few connections of
 * strangers would exhaust the memory of the process. A connection that sends too many is ended.
 */
export class Unanswered {
  readonly #of = new TransientMap<Duplex, Requests>()
  readonly #pipelinedMax: number
  #pipelined = 0

  /** `pipelinedMax`: of all connections together. */
  constructor(pipelinedMax = Number.POSITIVE_INFINITY) {
    this.#pipelinedMax = pipelinedMax
  }

  /** False if too many wait for their answers, or none can follow: the connection is ended. */
  admit({ socket }: IncomingMessage, res: ServerResponse): boolean {
    if (socket.destroyed) return false
    const before = this.#of.get(socket)?.count ?? 0
    // After its last answer a connection may wait for its client to read it.
    if (socket.writableEnded || before >= OF_CONNECTION_MAX || (before > 0 && this.#pipelined >= this.#pipelinedMax)) {
      cutOff(socket)
      return false
    }
    if (before > 0) this.#pipelined++
    this.#of.set(socket, { count: before + 1, last: res })
    res.once('close', () => this.#answered(socket))
    return true
  }

  has(socket: Duplex): boolean {
    return this.#of.has(socket)
  }

  /** The answer to the last request of a connection. */
  lastOf(socket: Duplex): ServerResponse | undefined {
    return this.#of.get(socket)?.last
  }

  /** The last one of each connection. */
  get last(): ServerResponse[] {
    return [...this.#of.values()].map(({ last }) => last)
  }

  #answered(socket: Duplex): void {
    const requests = this.#of.get(socket)
    if (requests === undefined) return
    if (requests.count > 1) this.#pipelined--
    requests.count--
    if (requests.count === 0) this.#of.delete(socket)
  }
}

/**
 * Node's parser makes requests of all bytes that it read at once, unless this returns 2 (HTTP ends here, as for an
 * upgrade).
 */
function cutOff(socket: Socket & { parser?: { onIncoming: () => number } }): void {
  if (socket.parser) socket.parser.onIncoming = () => 2
  socket.destroy()
}
