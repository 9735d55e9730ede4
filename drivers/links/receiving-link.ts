import type { Clock } from '../../base/clock.ts'
import { Mutex } from '../../base/mutex.ts'
import type { Recorder } from '../recording/recorder.ts'
import { Inbox } from './inbox.ts'

export type LineOptions = { clock: Clock; recorder?: Recorder | undefined }

/** The common part of the lines: bytes that wait for their reader, and one opening or closing at a time. */
export abstract class ReceivingLink {
  protected readonly inbox: Inbox
  /**
   * A close that comes during an open waits for it, and does not leave the line open. A second open waits for the first:
   * it would meet this process's own lock, or a device that accepts one client only.
   */
  protected readonly mutex = new Mutex()
  readonly #recorder: Recorder | undefined
  readonly #losses: (() => void)[] = []

  constructor({ clock, recorder }: LineOptions) {
    this.inbox = new Inbox(clock, recorder)
    this.#recorder = recorder
  }

  abstract get connected(): boolean
  /** The kind of line and its settings, for a recording. */
  protected abstract readonly how: string
  protected abstract open(): Promise<void>
  protected abstract send(bytes: Uint8Array): Promise<void>

  connect(): Promise<void> {
    return this.mutex.run(async () => {
      const isNew = !this.connected
      await this.open()
      if (isNew) this.#recorder?.opened(this.how)
    })
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.connected) this.#recorder?.sending(bytes)
    await this.send(bytes)
  }

  read(timeoutMs: number, signal?: AbortSignal): Promise<Buffer | undefined> {
    return this.inbox.next(timeoutMs, signal)
  }

  discard(): void {
    this.inbox.clear()
  }

  onLost(act: () => void): void {
    this.#losses.push(act)
  }

  /** The line closed, and the agent did not close it. */
  protected tellLoss(): void {
    for (const act of this.#losses) act()
  }
}
