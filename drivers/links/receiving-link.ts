import type { Clock } from '../../base/clock.ts'
import { Mutex } from '../../base/mutex.ts'
import { Inbox } from './inbox.ts'

/** The common part of the lines: bytes that wait for their reader, and one opening or closing at a time. */
export abstract class ReceivingLink {
  protected readonly inbox: Inbox
  /**
   * A close during an open is not lost, which would leave the line open, and a second open meets neither this process's
   * own lock nor a device that accepts one client only.
   */
  protected readonly mutex = new Mutex()
  readonly #losses: (() => void)[] = []

  constructor(clock: Clock) {
    this.inbox = new Inbox(clock)
  }

  protected abstract open(): Promise<void>

  connect(): Promise<void> {
    return this.mutex.run(() => this.open())
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
