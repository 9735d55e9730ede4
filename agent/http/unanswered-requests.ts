import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TransientMap } from '../../base/transient-map.ts'

/** Neither tills nor browsers send a second request before the first one was answered. */
const OF_CONNECTION_MAX = 8
/** Of all connections together, those that wait behind another one. */
const BEHIND_MAX = 256

type Requests = { count: number; last: ServerResponse }

/**
 * The requests that are not answered yet, by their connection. Those that were sent behind each other are answered in
 * their order, and each takes some kilobytes until then: Node makes up to 3,640 of the 64 KiB that it reads at once, and a
 * few connections of strangers were more than the process may hold. Who sends too many is cut off.
 */
export class Unanswered {
  readonly #of = new TransientMap<Duplex, Requests>()
  #behind = 0

  /** False where too many wait for their answers: the connection is ended. */
  admit({ socket }: IncomingMessage, res: ServerResponse): boolean {
    if (socket.destroyed) return false
    const before = this.#of.get(socket)?.count ?? 0
    if (before >= OF_CONNECTION_MAX || (before > 0 && this.#behind >= BEHIND_MAX)) {
      cutOff(socket)
      return false
    }
    if (before > 0) this.#behind++
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
    if (requests.count > 1) this.#behind--
    requests.count--
    if (requests.count === 0) this.#of.delete(socket)
  }
}

/** Node's parser makes requests of all that was read at once, unless it hears that HTTP ends here (2, as for an upgrade). */
function cutOff(socket: Socket & { parser?: { onIncoming: () => number } }): void {
  if (socket.parser) socket.parser.onIncoming = () => 2
  socket.destroy()
}
