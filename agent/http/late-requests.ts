import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate as nextIteration } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'

type Late = {
  /** Undefined until its headers are read. */
  req: IncomingMessage | undefined
}

/**
 * Requests that timed out before they were complete. After the process was blocked, by an fsync on a slow disk, timers
 * run before sockets are read, so bytes that arrived in time are read first; they complete the headers. A body that
 * grew gets the timeout again, by this clock: Node no longer watches a request after it reported the timeout.
 */
export class LateRequests {
  readonly #late = new WeakMap<Socket, Late>()
  readonly #options: { clock: Clock; limitMs: number }

  constructor(options: { clock: Clock; limitMs: number }) {
    this.#options = options
  }

  noteRequest(req: IncomingMessage): void {
    const late = this.#late.get(req.socket)
    if (late !== undefined) late.req ??= req
  }

  /** `req`: the request whose body is late; undefined if the headers are. Calls `refuse` if it is not completed. */
  async judge(socket: Socket, req: IncomingMessage | undefined, refuse: () => void): Promise<void> {
    const { clock, limitMs } = this.#options
    const { bytesRead } = socket
    const late: Late = { req }
    this.#late.set(socket, late)
    await nextIteration()
    const refuseIfIncomplete = (): void => {
      if (late.req?.complete !== true) refuse()
    }
    if (socket.bytesRead === bytesRead || late.req === undefined) return refuseIfIncomplete()
    const cancel = clock.after(limitMs, () => {
      socket.off('close', cancel)
      refuseIfIncomplete()
    })
    socket.once('close', cancel)
  }
}
