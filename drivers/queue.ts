import type { Clock } from '../base/clock.ts'
import { FairQueue } from '../base/fair-queue.ts'
import type { Lifetime, LifetimeFacts } from '../base/lifetime.ts'
import { beginLifetime, endLifetime, idOf, inBranch } from '../base/lifetime.ts'
import { atDeadline } from './delay.ts'
import { beingClosed, DeviceError } from './errors.ts'
import type { QueueLoad } from './ports/queue-load.ts'
import { MalformedError } from './tr03151/malformed.ts'

export type Command = {
  /** The client for fairness: registers are served round-robin, each in its own order. Default: the agent itself. */
  client?: string | undefined
  /** Counted from the beginning of the command. */
  deadlineMs: number
  /** Limit for the wait in the queue; default one minute. */
  waitMs?: number
  /**
   * The caller's deadline, instead of `waitMs`: the command is not begun unless enough time is left for it, according
   * to the latest durations. Otherwise an overloaded device would only run commands whose callers have timed out.
   */
  withinMs?: number | undefined
  /** Cancels a waiting command. One that has begun continues, because its outcome is needed. */
  signal?: AbortSignal | undefined
}

/** `expired` aborts after the deadline: the act then resets its line and settles, so that the next one can begin. */
export type Act<T> = (expired: AbortSignal) => Promise<T>

type Waiting = { client: string; since: bigint; start: () => void; drop: (error: DeviceError) => void }

const WAITING_MAX = 64
const WAITING_DEFAULT_MS = 60_000
/** Longer than any short command takes, and short enough for an agent that has seconds to stop. */
const CLOSE_MS = 5000
/** Weight of the newest duration in the moving average. */
const NEWEST_SHARE = 0.2

/**
 * One command at a time on one device, fair over its clients (TR-03153-1 §5.1.2). Errors: `busy` none if full or after
 * too long a wait (which is not an outage), `aborted` none before the act began, `timeout` unknown after. After its
 * deadline a command still holds the line until its act settles.
 */
export class CommandQueue {
  readonly #clock: Clock
  readonly #waiting = new FairQueue<Waiting>()
  #busy = false
  #isClosed = false
  #running: Promise<void> = Promise.resolve()
  /** The running act, or the last one. */
  #life: Lifetime | undefined
  /** Aborts when the running act has passed its deadline. */
  #expired = new AbortController()
  #runningSince = 0n
  /** Average duration of successful acts; one that hung would only show its deadline. */
  #averageMs = 0
  /** The same for acts with `withinMs`: opening a device, or a routine check, may take far longer. */
  #wantedMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  run<T>(command: Command, act: Act<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(beingClosed())
    if (command.signal?.aborted) return Promise.reject(new DeviceError('aborted', 'none', 'cancelled before it began'))
    if (this.#busy && this.#waiting.size >= WAITING_MAX)
      return Promise.reject(
        new DeviceError('busy', 'none', `${WAITING_MAX} commands are waiting for the device already`),
      )
    return new Promise<T>((resolve, reject) => {
      let beganMs: number | undefined
      const life = beginLifetime('act', () => ({ name: nameOf(command), ...this.#stage(command, beganMs) }))
      const start = () => {
        beganMs = performance.now()
        this.#life = life
        this.#running = inBranch(life, () => this.#perform(command, act, resolve, reject))
      }
      if (!this.#busy) {
        start()
        return
      }
      this.#enqueue(command, start, (error) => {
        endLifetime(life)
        reject(error)
      })
    })
  }

  load(): QueueLoad {
    const elapsedMs = Number(this.#clock.mono() - this.#runningSince) / 1e6
    const ofRunning = this.#busy ? Math.max(0, this.#averageMs - elapsedMs) : 0
    return { waiting: this.#waiting.size, expectedWaitMs: Math.round(ofRunning + this.#waiting.size * this.#averageMs) }
  }

  /** The longest wait of any client, without the agent's own commands; 0 if none waits. */
  longestWaitMs(): number {
    const ofClients = this.#waiting.all().filter(({ client }) => client !== '')
    const now = this.#clock.mono()
    return Math.max(0, ...ofClients.map(({ since }) => Number(now - since) / 1e6))
  }

  /**
   * Refuses all waiting and new commands, and resolves when the running act has settled, because after an orderly stop
   * nothing would journal it. An act that takes longer than five seconds, such as a self-test or a silent device, is
   * aborted; `cut` breaks the line of one that does not react.
   */
  async close(cut: () => Promise<void> = async () => undefined): Promise<void> {
    this.#isClosed = true
    for (const waiting of this.#waiting.all()) waiting.drop(beingClosed())
    const cancel = this.#clock.after(CLOSE_MS, () => {
      this.#expired.abort()
      void cut().catch(() => undefined)
    })
    await this.#running
    cancel()
  }

  #stage({ deadlineMs }: Command, beganMs: number | undefined): Omit<LifetimeFacts, 'name'> {
    if (beganMs === undefined) return { state: 'waiting', waitsFor: this.#life && idOf(this.#life) }
    return { deadlineMs: beganMs + deadlineMs - performance.now() }
  }

  #enqueue(command: Command, start: () => void, reject: (error: DeviceError) => void): void {
    const { client = '' } = command
    const leave = () => {
      cancelTimer()
      command.signal?.removeEventListener('abort', onAbort)
      this.#waiting.remove(client, waiting)
    }
    const waiting: Waiting = {
      client,
      since: this.#clock.mono(),
      start: () => {
        leave()
        start()
      },
      drop: (error) => {
        leave()
        reject(error)
      },
    }
    const onAbort = () => waiting.drop(new DeviceError('aborted', 'none', 'cancelled before it began'))
    const { withinMs, waitMs = WAITING_DEFAULT_MS } = command
    const longestMs = withinMs === undefined ? waitMs : Math.max(0, withinMs - this.#wantedMs)
    const cancelTimer = this.#clock.after(longestMs, () =>
      waiting.drop(
        new DeviceError('busy', 'none', `the device is busy with others for longer than ${withinMs ?? waitMs} ms`),
      ),
    )
    command.signal?.addEventListener('abort', onAbort)
    this.#waiting.add(client, waiting)
  }

  /** Never rejects: the outcome goes to the caller. */
  async #perform<T>(
    command: Command,
    act: Act<T>,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ): Promise<void> {
    const expired = new AbortController()
    const life = this.#life
    this.#expired = expired
    this.#busy = true
    this.#runningSince = this.#clock.mono()
    const cancelTimer = atDeadline(this.#clock, command.deadlineMs, () => {
      reject(new DeviceError('timeout', 'unknown', `no answer within ${command.deadlineMs} ms`))
      expired.abort()
    })
    try {
      const result = await act(expired.signal)
      this.#learn(command, Number(this.#clock.mono() - this.#runningSince) / 1e6)
      resolve(result)
    } catch (error) {
      const failure = error instanceof MalformedError ? new DeviceError('garbled', 'unknown', error.message) : error
      reject(this.#isClosed ? asAborted(failure) : failure)
    } finally {
      cancelTimer()
      if (life !== undefined) endLifetime(life)
      this.#busy = false
      this.#waiting.take()?.start()
    }
  }

  #learn({ withinMs }: Command, durationMs: number): void {
    this.#averageMs = averageWith(durationMs, this.#averageMs)
    if (withinMs !== undefined) this.#wantedMs = averageWith(durationMs, this.#wantedMs)
  }
}

/** The name of the command in messages. */
function nameOf({ client = 'the agent' }: Command): string {
  return `command of ${client}`
}

function averageWith(newestMs: number, averageMs: number): number {
  return averageMs === 0 ? newestMs : averageMs + NEWEST_SHARE * (newestMs - averageMs)
}

/** A line cut by closing the device is not an outage. A refusal of the device itself stays one. */
function asAborted(error: unknown): unknown {
  if (!(error instanceof DeviceError) || (error.code !== 'unavailable' && error.code !== 'timeout')) return error
  return error.toldAs({ code: 'aborted' })
}
