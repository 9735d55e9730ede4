import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import type { Clock } from '../../base/clock.ts'
import { atDeadline } from '../delay.ts'
import type { Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { NativeCalls, NativeNews, NativeReply, NativeRequest } from './protocol.ts'
import { NativeFault } from './protocol.ts'

const MAX_PENDING = 32
/** A killed process in a kernel call (a USB transfer) may linger; the wait for it ends here. */
const MAX_EXIT_WAIT_MS = 2000

export type NativeProcessOptions<News = never> = {
  /** The child's entry: a `.ts` next to its caller (`.js` in the compiled package). It calls `serve`. */
  entry: URL
  /** For messages: the module's path or name. */
  name: string
  clock: Clock
  /** Called with unsolicited reports of the child. */
  onNews?: (news: News) => void
  /** The child ended or was killed, by any side; a waiting call rejects too. */
  onEnd?: (cause: string) => void
}

/** `effect`: the possible effect on the device of a call without an answer. */
export type CallLimits = { deadlineMs: number; effect: Effect }

type Pending = { resolve(result: unknown): void; reject(error: Error): void; effect: Effect; cancel(): void }
type Live = { child: ChildProcess; pending: Map<number, Pending>; exited: Promise<void> }

/**
 * A native module in its own process: a crash or hang takes down the device, never the agent. A missed deadline kills
 * the child. Nothing restarts it automatically: the probe of the device calls `start`. The child's stdout and stderr
 * are discarded, since vendor libraries print anything, PINs included.
 */
export class NativeProcess<Calls extends NativeCalls, News = never> {
  readonly #options: NativeProcessOptions<News>
  #live: Live | undefined
  #lastId = 0

  constructor(options: NativeProcessOptions<News>) {
    this.#options = options
  }

  get running(): boolean {
    return this.#live !== undefined
  }

  /** Starts the child unless one runs. Throws `unavailable` or `timeout`, effect `none`. */
  async start(deadlineMs: number): Promise<void> {
    if (this.#live) return
    const child = fork(this.#options.entry, [], {
      execArgv: ['--max-old-space-size=32', '--max-semi-space-size=1', '--v8-pool-size=1'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    const live: Live = { child, pending: new Map(), exited }
    this.#live = live
    child.on('message', (message: NativeReply | NativeNews) => {
      if (!('news' in message)) settle(live, message)
      else if (this.#live === live) this.#options.onNews?.(message.news as News)
    })
    child.once('exit', (code, signal) => this.#drop(live, `ended with ${signal ?? `code ${code}`}`))
    child.on('error', () => this.#drop(live, 'could not be run'))
    await this.#expect(live, 0, 'start', { deadlineMs, effect: 'none' })
  }

  /**
   * Throws NativeFault for a refusal of the module; `timeout` (the child is killed) or `unavailable` (it crashed) with
   * the given effect; `unavailable` with effect `none` if no child runs.
   */
  async call<Method extends keyof Calls & string>(
    method: Method,
    args: Calls[Method]['args'],
    limits: CallLimits,
  ): Promise<Calls[Method]['result']> {
    const live = this.#live
    if (!live) throw new DeviceError('unavailable', 'none', `${this.#options.name}: not running`)
    if (live.pending.size >= MAX_PENDING) throw new DeviceError('busy', 'none', `${this.#options.name}: queue is full`)
    this.#lastId += 1
    const id = this.#lastId
    const answer = this.#expect(live, id, method, limits)
    const request: NativeRequest = { id, method, args }
    live.child.send(request, (error) => {
      if (error) this.#drop(live, 'no longer listens')
    })
    return await answer
  }

  /** Kills the child and waits until it has ended. The caller ends the session with the device first. */
  async stop(): Promise<void> {
    const live = this.#live
    if (!live) return
    this.#drop(live, 'was stopped')
    let cancel: (() => void) | undefined
    const timeout = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(MAX_EXIT_WAIT_MS, resolve)
    })
    await Promise.race([live.exited, timeout])
    cancel?.()
  }

  #expect(live: Live, id: number, method: string, limits: CallLimits): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const cancel = atDeadline(this.#options.clock, limits.deadlineMs, () => {
        const text = `${this.#options.name}: no answer to ${method} within ${limits.deadlineMs} ms`
        live.pending.delete(id)
        reject(new DeviceError('timeout', limits.effect, text))
        this.#drop(live, `hung in ${method}`)
      })
      live.pending.set(id, { resolve, reject, effect: limits.effect, cancel })
    })
  }

  #drop(live: Live, cause: string): void {
    const isFirst = this.#live === live
    if (isFirst) this.#live = undefined
    live.child.kill('SIGKILL')
    for (const waiting of live.pending.values()) {
      waiting.cancel()
      waiting.reject(
        new DeviceError('unavailable', waiting.effect, `${this.#options.name}: its process ${cause}`, cause),
      )
    }
    live.pending.clear()
    if (isFirst) this.#options.onEnd?.(cause)
  }
}

function settle(live: Live, reply: NativeReply): void {
  const waiting = live.pending.get(reply.id)
  if (!waiting) return
  live.pending.delete(reply.id)
  waiting.cancel()
  if ('fault' in reply) waiting.reject(new NativeFault(reply.fault.code, reply.fault.message))
  else waiting.resolve(reply.result)
}
