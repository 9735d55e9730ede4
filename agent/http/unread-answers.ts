import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { rateLimited } from '../errors.ts'

/** The answer to a usual request is at most this long. */
const SMALL_BYTES = 64 * 1024
const TOTAL_BYTES_MAX = 8 * 1024 * 1024
/** A client may send requests and read no answer: its connection is ended when so much was sent. */
const OF_CONNECTION_MAX = 256 * 1024
/** Status line and headers. */
export const HEAD_BYTES = 1024
const RETRY_AFTER_SECONDS = 2
const RESET_MARK = 'resetAndClosing'

/** Bytes that a connection was sent; `socket` is the one above TLS. */
type Held = { readonly bytes: number; readonly socket: Socket }

/**
 * Limits the bytes that strangers were sent and may not have read: the system keeps them, up to 4 MB for a connection.
 * The end of a write or of an answer does not say that it was read: a connection counts until its client has ended it or
 * showed a valid key. A connection with a large answer is reset when it ends: after a usual end the system would keep
 * what was not read for minutes.
 */
export class UnreadAnswers {
  readonly #strangerOf: (socket: Socket) => Socket | undefined
  readonly #stalledMs: number
  /** The one that was silent longest first. */
  readonly #of = new Map<Socket, Held>()
  #total = 0

  /**
   * `strangerOf`: the connection of a stranger below TLS; undefined for one that showed a valid key. `stalledMs`: a
   * client that reads nothing of a large answer for so long is disconnected.
   */
  constructor(strangerOf: (socket: Socket) => Socket | undefined, stalledMs: number) {
    this.#strangerOf = strangerOf
    this.#stalledMs = stalledMs
  }

  /**
   * Before an answer with so many bytes is sent. Throws `rate_limit_exceeded` for a large one beyond the limit; for a
   * small one the connections that were silent longest end.
   */
  hold(res: ServerResponse, bytes: number): void {
    const { socket } = res.req
    const stranger = this.#strangerOf(socket)
    if (stranger === undefined) return
    const isLarge = bytes > SMALL_BYTES
    if (isLarge && this.#total + bytes > TOTAL_BYTES_MAX)
      throw rateLimited('Too many large answers are pending; try again when they were read.', RETRY_AFTER_SECONDS)
    const sum = this.#add(stranger, { bytes, socket })
    if (sum > OF_CONNECTION_MAX) res.setHeader('Connection', 'close')
    if (isLarge) {
      endByReset(stranger, socket)
      this.#waitForClient(socket)
      res.setTimeout(this.#stalledMs, () => socket.destroy())
    }
    for (const [longest, held] of this.#of) {
      if (this.#total <= TOTAL_BYTES_MAX) return
      this.#drop(longest)
      endByReset(longest, held.socket)
      longest.destroy()
    }
  }

  /** True if the client may not have read a large answer. */
  hasLarge(socket: Socket): boolean {
    const stranger = this.#strangerOf(socket)
    return stranger !== undefined && (this.#of.get(stranger)?.bytes ?? 0) > SMALL_BYTES
  }

  /** The connection showed a valid key. */
  release(socket: Socket): void {
    const stranger = this.#strangerOf(socket)
    if (stranger === undefined) return
    this.#drop(stranger)
    Reflect.deleteProperty(stranger, RESET_MARK)
  }

  #drop(stranger: Socket): void {
    this.#total -= this.#of.get(stranger)?.bytes ?? 0
    this.#of.delete(stranger)
  }

  /** Returns how many unread bytes the connection has now. */
  #add(stranger: Socket, { bytes, socket }: Held): number {
    const before = this.#of.get(stranger)
    if (before === undefined) stranger.once('close', () => this.#drop(stranger))
    const sum = (before?.bytes ?? 0) + bytes
    this.#of.delete(stranger)
    this.#of.set(stranger, { bytes: sum, socket })
    this.#total += bytes
    return sum
  }

  /** Node would destroy the connection after its last answer; the client is to read that answer first. */
  #waitForClient(socket: Socket): void {
    socket.destroySoon = () => {
      if (this.#strangerOf(socket) === undefined) Object.getPrototypeOf(socket).destroySoon.call(socket)
      else socket.end().setTimeout(this.#stalledMs)
    }
  }
}

/**
 * Each end of the connection drops what its client has not read, by Node's own mark of `resetAndDestroy()`. Not while
 * its end waits for bytes to be written: libuv refuses that, and the file would stay open.
 */
function endByReset(stranger: Socket, socket: Socket): void {
  const get = (): boolean => !socket.writableEnded || socket.writableFinished
  Object.defineProperty(stranger, RESET_MARK, { configurable: true, get, set: () => undefined })
}
