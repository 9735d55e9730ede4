import type { Socket } from 'node:net'

const STRANGERS_MAX = 1_024
/** Together with the strangers fewer than the server takes: beyond that it drops whoever comes. */
const KNOWN_MAX = 896

/**
 * Anybody can open connections, and the server takes so many: on each of them who has shown a key is known, all others are
 * strangers. A stranger too many takes the place of the oldest one, never that of a till. Of the known ones that gives way
 * on which nothing was asked for longest: a till's program may forget to close what it opens.
 */
export class Connections {
  readonly #strangers = new Map<string, Socket>()
  /** The one that asked last is the last. */
  readonly #known = new Set<Socket>()
  readonly #isAnswered: (socket: Socket) => boolean

  /** `isAnswered`: a request of it is at work. */
  constructor(isAnswered: (socket: Socket) => boolean) {
    this.#isAnswered = isAnswered
  }

  enter(socket: Socket): void {
    const peer = peerOf(socket)
    this.#strangers.set(peer, socket)
    socket.once('close', () => {
      if (this.#strangers.get(peer) === socket) this.#strangers.delete(peer)
    })
    if (this.#strangers.size > STRANGERS_MAX) this.#endOldestStranger()
  }

  /** It showed a key that is right. */
  known(socket: Socket): void {
    if (!this.#known.delete(socket)) {
      this.#strangers.delete(peerOf(socket))
      socket.once('close', () => this.#known.delete(socket))
    }
    this.#known.add(socket)
    if (this.#known.size > KNOWN_MAX) this.#endLongestIdle()
  }

  /** `busy`: those that go on. */
  endAllBut(busy: readonly Socket[]): void {
    const staying = new Set(busy.map(peerOf))
    for (const socket of [...this.#strangers.values(), ...this.#known])
      if (!staying.has(peerOf(socket))) socket.destroy()
  }

  #endOldestStranger(): void {
    for (const [peer, socket] of this.#strangers) {
      this.#strangers.delete(peer)
      socket.destroy()
      return
    }
  }

  #endLongestIdle(): void {
    for (const socket of this.#known) {
      if (this.#isAnswered(socket)) continue
      this.#known.delete(socket)
      socket.destroy()
      return
    }
  }
}

/** The same of a connection and of the TLS that came to stand on it, which is another socket. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
