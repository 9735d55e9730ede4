import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'

type Late = {
  /** Once its headers are read. */
  req: IncomingMessage | undefined
}

/**
 * Requests whose time was over before they were whole. After a moment in which the process stood still, a sync of a slow
 * disk, timers come before bytes: what has come in meanwhile is read first. Headers that came meanwhile are whole by then.
 * A body of which more came gets its time once more, by this clock: Node no longer watches a request that it has told of.
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

  /** `req`: the one whose body is late; undefined where the headers are. `refuse` is called where it does not become whole. */
  async judge(socket: Socket, req: IncomingMessage | undefined, refuse: () => void): Promise<void> {
    const { clock, limitMs } = this.#options
    const { bytesRead } = socket
    const late: Late = { req }
    this.#late.set(socket, late)
    await turn()
    const refuseUnlessWhole = (): void => {
      if (late.req?.complete !== true) refuse()
    }
    if (socket.bytesRead === bytesRead || late.req === undefined) return refuseUnlessWhole()
    const cancel = clock.after(limitMs, () => {
      socket.off('close', cancel)
      refuseUnlessWhole()
    })
    socket.once('close', cancel)
  }
}
