import { ChildEndedError, Dialogue, ThrownInChild } from '../../base/child/dialogue.ts'
import { childFlags } from '../../base/child/flags.ts'
import type { Clock } from '../../base/clock.ts'
import { within } from '../../base/clock.ts'
import { atDeadline } from '../delay.ts'
import type { Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { Recorder } from '../recording/recorder.ts'
import type { NativeCalls } from './protocol.ts'
import { NativeFault } from './protocol.ts'
import { answerIn, answerText, callText, faultText } from './recorded-call.ts'

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
  /** Sees the calls and their answers, which are the line of a native module. */
  recorder?: Recorder | undefined
}

/** `effect`: the possible effect on the device of a call without an answer. */
export type CallLimits = { deadlineMs: number; effect: Effect }

/** The child was killed: `was stopped`. */
class KilledError extends Error {
  override readonly name = 'KilledError'
}

/**
 * A native module in its own process: a crash or hang takes down the device, never the agent. A missed deadline kills
 * the child. Nothing restarts it automatically: the probe of the device calls `start`. The child's stdout and stderr
 * are discarded, since vendor libraries print anything, PINs included.
 */
export class NativeProcess<Calls extends NativeCalls, News = never> {
  readonly #options: NativeProcessOptions<News>
  #live: Dialogue | undefined
  /** A recording answers, and no child runs. */
  #isPlaying = false

  constructor(options: NativeProcessOptions<News>) {
    this.#options = options
  }

  get running(): boolean {
    return this.#live !== undefined || this.#isPlaying
  }

  /** Starts the child unless one runs. Throws `unavailable` or `timeout`, effect `none`. */
  async start(deadlineMs: number): Promise<void> {
    if (this.running) return
    const { entry, name, onNews, onEnd, recorder } = this.#options
    if (recorder?.plays) {
      this.#isPlaying = true
      return
    }
    this.#live = new Dialogue({
      entry,
      name,
      execArgv: childFlags(32),
      serialization: 'advanced',
      onNews: (news) => onNews?.(news as News),
      onEnd: (end) => {
        this.#live = undefined
        onEnd?.(causeOf(end))
      },
    })
    await this.#answer(this.#live, 'start', this.#live.ask('ready'), { deadlineMs, effect: 'none' })
    recorder?.opened('library')
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
    const { name, recorder } = this.#options
    if (!this.running) throw new DeviceError('unavailable', 'none', `${name}: not running`)
    recorder?.sending(callText(method, args))
    if (!live) return this.#playedAnswer(method, args, limits)
    if (live.waiting >= MAX_PENDING) throw new DeviceError('busy', 'none', `${name}: queue is full`)
    const answer = this.#answer(live, method, live.ask(method, args), limits)
    return recorder === undefined ? await answer : await recorded(answer, recorder)
  }

  #playedAnswer(method: string, args: unknown, { deadlineMs, effect }: CallLimits): unknown {
    const [answer] = this.#options.recorder?.plays?.(callText(method, args)) ?? []
    if (answer !== undefined) return answerIn(answer)
    this.#isPlaying = false
    throw new DeviceError('timeout', effect, `${this.#options.name}: no answer to ${method} within ${deadlineMs} ms`)
  }

  /** Kills the child and waits until it has ended. The caller ends the session with the device first. */
  async stop(): Promise<void> {
    const live = this.#live
    this.#isPlaying = false
    if (live) await within(this.#options.clock, MAX_EXIT_WAIT_MS, live.kill(new KilledError('was stopped')))
  }

  async #answer(live: Dialogue, method: string, asked: Promise<unknown>, limits: CallLimits): Promise<unknown> {
    const { name, clock } = this.#options
    let timeout: DeviceError | undefined
    const cancel = atDeadline(clock, limits.deadlineMs, () => {
      const text = `${name}: no answer to ${method} within ${limits.deadlineMs} ms`
      timeout = new DeviceError('timeout', limits.effect, text)
      void live.kill(new KilledError(`hung in ${method}`))
    })
    try {
      return await asked
    } catch (error) {
      if (timeout !== undefined) throw timeout
      if (error instanceof ThrownInChild) throw new NativeFault(error.code, error.message)
      const cause = causeOf(error)
      throw new DeviceError('unavailable', limits.effect, `${name}: its process ${cause}`, cause)
    } finally {
      cancel()
    }
  }
}

/** The same answer or error, seen by the recorder. */
async function recorded(answer: Promise<unknown>, recorder: Recorder): Promise<unknown> {
  try {
    const result = await answer
    recorder.heard(answerText(result))
    return result
  } catch (error) {
    if (error instanceof NativeFault) recorder.heard(faultText(error))
    else if (error instanceof DeviceError && error.code === 'unavailable')
      recorder.broke(error.deviceCode ?? error.code)
    throw error
  }
}

function causeOf(end: unknown): string {
  if (end instanceof ChildEndedError) return `ended with ${end.by}`
  return end instanceof KilledError ? end.message : 'could not be run'
}
