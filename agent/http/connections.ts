import type { Socket } from 'node:net'
import { UnreadAnswers } from './unread-answers.ts'

const STRANGERS_MAX = 1_024
/** Together with the strangers fewer than the server accepts: beyond its limit it drops every new connection. */
const KNOWN_MAX = 896

/**
 * Anyone can open connections, up to the limit of the server. A connection that showed a valid key is known, any other
 * is a stranger. A stranger over the limit replaces the oldest stranger, never a till. A known connection over the
 * limit replaces the one that was idle longest: the program of a till may forget to close connections.
 */
export class Connections {
  readonly #strangers = new Map<string, Socket>()
  /** In order of the last request. */
  readonly #known = new Set<Socket>()
  readonly #isAnswered: (socket: Socket) => boolean
  readonly #report: (what: string, most: number) => void
  /** The answers to strangers. */
  readonly unread: UnreadAnswers

  /**
   * `isAnswered`: a request of this connection is in progress. `report`: a connection was ended at that limit.
   * `stalledMs`: of UnreadAnswers.
   */
  constructor(
    isAnswered: (socket: Socket) => boolean,
    report: (what: string, most: number) => void,
    stalledMs: number,
  ) {
    this.#isAnswered = isAnswered
    this.#report = report
    this.unread = new UnreadAnswers((socket) => this.#strangers.get(peerOf(socket)), stalledMs)
  }

  enter(socket: Socket): void {
    const peer = peerOf(socket)
    this.#strangers.set(peer, socket)
    socket.once('close', () => {
      if (this.#strangers.get(peer) === socket) this.#strangers.delete(peer)
    })
    if (this.#strangers.size > STRANGERS_MAX) this.#endOldestStranger()
  }

  isStranger(socket: Socket): boolean {
    return this.#strangers.has(peerOf(socket))
  }

  /** The connection showed a valid key. */
  known(socket: Socket): void {
    if (!this.#known.delete(socket)) {
      this.unread.release(socket)
      this.#strangers.delete(peerOf(socket))
      socket.once('close', () => this.#known.delete(socket))
    }
    this.#known.add(socket)
    if (this.#known.size > KNOWN_MAX) this.#endLongestIdle()
  }

  /** A browser opens connections in advance: those that never sent a byte must not delay a stop. */
  endSilent(): void {
    for (const socket of this.#strangers.values()) if (socket.bytesRead === 0) socket.destroy()
  }

  /** `busy`: the connections that stay open. */
  endAllBut(busy: readonly Socket[]): void {
    const staying = new Set(busy.map(peerOf))
    for (const socket of [...this.#strangers.values(), ...this.#known])
      if (!staying.has(peerOf(socket))) socket.destroy()
  }

  #endOldestStranger(): void {
    this.#report('connections without a key', STRANGERS_MAX)
    for (const [peer, socket] of this.#strangers) {
      this.#strangers.delete(peer)
      socket.destroy()
      return
    }
  }

  #endLongestIdle(): void {
    this.#report('connections with a key', KNOWN_MAX)
    for (const socket of this.#known) {
      if (this.#isAnswered(socket)) continue
      this.#known.delete(socket)
      socket.destroy()
      return
    }
  }
}

/** The same for a connection and for TLS on top of it, which is another socket. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
