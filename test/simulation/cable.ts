import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../../drivers/errors.ts'
import { Inbox } from '../../drivers/links/inbox.ts'
import type { Link } from '../../drivers/links/link.ts'
import type { ServedLine } from '../../drivers/links/served-line.ts'

type Plug = {
  isIn: boolean
  hear: (bytes: Buffer) => void
  onEnd: () => void
  /** When all that it has to say is through. */
  saidMs: number
}

const PIECE_BYTES = 64

export type Pace = { latencyMs: number; byteMs: number }

/**
 * A line between one life of the agent and its device, in virtual time: each byte takes as long as on the wire. When
 * the agent dies its clock stops, so that nothing more is sent and no answer arrives, while the device continues.
 */
export class Cable implements Link {
  readonly #clock: Clock
  readonly #pace: Pace
  readonly #inbox: Inbox
  readonly #serve: (line: ServedLine) => void
  #plug: Plug | undefined

  /** A message comes byte by byte, or as a whole if a byte takes no time. */
  constructor(clock: Clock, pace: Pace, serve: (line: ServedLine) => void) {
    this.#clock = clock
    this.#pace = pace
    this.#inbox = new Inbox(clock)
    this.#serve = serve
  }

  get connected(): boolean {
    return this.#plug !== undefined
  }

  async connect(): Promise<void> {
    if (this.#plug !== undefined) return
    await this.#transit(1)
    const plug: Plug = { isIn: true, hear: () => undefined, onEnd: () => undefined, saidMs: 0 }
    this.#inbox.reset()
    this.#plug = plug
    this.#serve({
      write: (bytes) => this.#say(Buffer.from(bytes), plug),
      listen: (receive) => {
        plug.hear = receive
      },
      onEnd: (act) => {
        plug.onEnd = act
      },
      end: async () => this.#pull(plug, 'the device is gone'),
    })
    if (!plug.isIn) throw new DeviceError('unavailable', 'none', 'nobody is at the other end')
  }

  async write(bytes: Uint8Array): Promise<void> {
    const plug = this.#plug
    if (plug === undefined) throw new DeviceError('unavailable', 'none', 'not connected')
    await this.#transit(bytes.length)
    if (!plug.isIn) throw new DeviceError('unavailable', 'unknown', 'the line broke')
    plug.hear(Buffer.from(bytes))
  }

  read(timeoutMs: number, signal?: AbortSignal): Promise<Buffer | undefined> {
    return this.#inbox.next(timeoutMs, signal)
  }

  discard(): void {
    this.#inbox.clear()
  }

  async check(): Promise<void> {
    await this.close()
  }

  async close(): Promise<void> {
    this.hangUp()
  }

  /** As the kernel does when the process has ended. */
  hangUp(): void {
    if (this.#plug === undefined) return
    const { onEnd } = this.#plug
    this.#pull(this.#plug, 'closed')
    onEnd()
  }

  /** After its present output; a long text comes piece by piece. */
  #say(bytes: Buffer, plug: Plug): void {
    const { latencyMs, byteMs } = this.#pace
    const pieceBytes = byteMs === 0 ? bytes.length : PIECE_BYTES
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes)
      const now = Number(this.#clock.mono()) / 1e6
      plug.saidMs = Math.max(now + latencyMs, plug.saidMs) + piece.length * byteMs
      this.#clock.after(plug.saidMs - now, () => {
        if (plug.isIn) this.#inbox.push(piece)
      })
    }
  }

  #pull(plug: Plug, cause: string): void {
    plug.isIn = false
    plug.hear = () => undefined
    if (this.#plug !== plug) return
    this.#plug = undefined
    this.#inbox.fail(cause)
  }

  #transit(bytes: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(this.#pace.latencyMs + bytes * this.#pace.byteMs, resolve))
  }
}
