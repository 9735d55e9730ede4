import type { Clock } from '../base/clock.ts'
import type { Lifetime, LifetimeFacts } from '../base/lifetime.ts'
import { beginLifetime, endLifetime, under } from '../base/lifetime.ts'
import { atDeadline } from './delay.ts'
import { beingClosed, DeviceError } from './errors.ts'
import type { QueueLoad } from './ports/queue-load.ts'
import { MalformedError } from './tr03151/malformed.ts'

export type Command = {
  /** Whose turn it is: registers are served round-robin, each in its own order. Without it the agent's own. */
  client?: string | undefined
  /** From the moment the command begins. */
  deadlineMs: number
  /** How long it may wait for its turn; a minute where not told. */
  waitMs?: number
  /**
   * When the caller wants the outcome at the latest, instead of `waitMs`: it waits only as long as enough is left for the
   * act itself, by what the last ones took. Else a device that is asked for more than it can do does only what nobody waits
   * for any more: whoever is next has waited nearly all of its time.
   */
  withinMs?: number | undefined
  /** Gives a waiting command up. One that has begun runs on: its outcome is wanted. */
  signal?: AbortSignal | undefined
}

/** Told when the deadline has passed: the act then resets its line and settles, so that the next one may begin. */
export type Act<T> = (expired: AbortSignal) => Promise<T>

type Waiting = { since: bigint; start: () => void; drop: (error: DeviceError) => void }

const waitingMax = 64
const waitingMsDefault = 60_000
/** Longer than a device takes for what is not long anyway, short enough for an agent that has seconds to end in order. */
const closeMs = 5000
/** Weight of the newest duration in the moving average. */
const newestShare = 0.2

/**
 * One command at a time on one device, fair over its clients (TR-03153-1 §5.1.2). Errors: `busy` none when full or when its
 * turn did not come in time (a queue is no outage), `aborted` none before the act began, `timeout` unknown after. A command
 * whose caller was answered at the deadline still holds the line until its act settles.
 */
export class CommandQueue {
  readonly #clock: Clock
  /** Clients with waiting commands, the next one first: a Map keeps the order of insertion. */
  readonly #clients = new Map<string, Set<Waiting>>()
  #waiting = 0
  #busy = false
  #isClosed = false
  #running: Promise<void> = Promise.resolve()
  /** Of the act that runs, or ran last. */
  #life: Lifetime | undefined
  /** Of the running act. */
  #expired = new AbortController()
  #runningSince = 0n
  /** What acts take. Only those that ended well tell it: one that hung tells how long its deadline is. */
  #averageMs = 0
  /** The same of those that are wanted within a time: to open a device, or to ask it of itself, may take far longer. */
  #wantedMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  run<T>(command: Command, act: Act<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(beingClosed())
    if (command.signal?.aborted) return Promise.reject(new DeviceError('aborted', 'none', 'given up before it began'))
    if (this.#busy && this.#waiting >= waitingMax)
      return Promise.reject(
        new DeviceError('busy', 'none', `${waitingMax} commands are waiting for the device already`),
      )
    return new Promise<T>((resolve, reject) => {
      let beganMs: number | undefined
      const life = beginLifetime('act', () => ({ name: nameOf(command), ...this.#stage(command, beganMs) }))
      const start = () => {
        beganMs = performance.now()
        this.#life = life
        this.#running = under(life, () => this.#perform(command, act, resolve, reject)).finally(() => endLifetime(life))
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
    return { waiting: this.#waiting, expectedWaitMs: Math.round(ofRunning + this.#waiting * this.#averageMs) }
  }

  /** Of the client that has waited longest for its turn, the agent's own commands apart; 0 where none waits. */
  longestWaitMs(): number {
    const firsts = [...this.#clients].flatMap(([client, [first]]) => (client === '' || !first ? [] : [first.since]))
    const now = this.#clock.mono()
    return Math.max(0, ...firsts.map((since) => Number(now - since) / 1e6))
  }

  /**
   * Refuses all that wait and all that comes, and resolves when the running act has settled: who is told of an act that
   * was given up may want the next one at once, and after an orderly stop nobody is there to journal it. An act that goes
   * on for longer than five seconds, a self-test or a device that is silent, is told that its time is over; `cut` breaks
   * the line of one that does not hear it.
   */
  async close(cut: () => Promise<void> = async () => undefined): Promise<void> {
    this.#isClosed = true
    for (const waiting of [...this.#clients.values()].flatMap((set) => [...set])) waiting.drop(beingClosed())
    const cancel = this.#clock.after(closeMs, () => {
      this.#expired.abort()
      void cut().catch(() => undefined)
    })
    await this.#running
    cancel()
  }

  #stage({ deadlineMs }: Command, beganMs: number | undefined): Omit<LifetimeFacts, 'name'> {
    if (beganMs === undefined) return { state: 'waiting', waitsFor: this.#life?.id }
    return { deadlineMs: beganMs + deadlineMs - performance.now() }
  }

  #enqueue(command: Command, start: () => void, reject: (error: DeviceError) => void): void {
    const { client = '' } = command
    const leave = () => {
      cancelTimer()
      command.signal?.removeEventListener('abort', onAbort)
      this.#remove(client, waiting)
    }
    const waiting: Waiting = {
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
    const onAbort = () => waiting.drop(new DeviceError('aborted', 'none', 'given up before it began'))
    const { withinMs, waitMs = waitingMsDefault } = command
    const longestMs = withinMs === undefined ? waitMs : Math.max(0, withinMs - this.#wantedMs)
    const cancelTimer = this.#clock.after(longestMs, () =>
      waiting.drop(
        new DeviceError('busy', 'none', `the device is busy with others for longer than ${withinMs ?? waitMs} ms`),
      ),
    )
    command.signal?.addEventListener('abort', onAbort)
    const ofClient = this.#clients.get(client) ?? new Set()
    this.#clients.set(client, ofClient.add(waiting))
    this.#waiting += 1
  }

  #remove(client: string, waiting: Waiting): void {
    const ofClient = this.#clients.get(client)
    if (!ofClient?.delete(waiting)) return
    this.#waiting -= 1
    if (ofClient.size === 0) this.#clients.delete(client)
  }

  /** Never rejects: the outcome goes to the caller. */
  async #perform<T>(
    command: Command,
    act: Act<T>,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ): Promise<void> {
    const expired = new AbortController()
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
      this.#busy = false
      this.#next()
    }
  }

  #learn({ withinMs }: Command, durationMs: number): void {
    this.#averageMs = averageWith(durationMs, this.#averageMs)
    if (withinMs !== undefined) this.#wantedMs = averageWith(durationMs, this.#wantedMs)
  }

  #next(): void {
    const [client, ofClient] = this.#clients.entries().next().value ?? []
    const [first] = ofClient ?? []
    if (client === undefined || !ofClient || !first) return
    // To the end of the round, before the act begins: what it enqueues meanwhile comes behind the others.
    this.#clients.delete(client)
    this.#clients.set(client, ofClient)
    first.start()
  }
}

/** Whose turn it is at the line. */
function nameOf({ client = 'the agent' }: Command): string {
  return `command of ${client}`
}

function averageWith(newestMs: number, averageMs: number): number {
  return averageMs === 0 ? newestMs : averageMs + newestShare * (newestMs - averageMs)
}

/** A line that was cut because the device is being closed is no outage. What the device itself refused it refused. */
function asAborted(error: unknown): unknown {
  if (!(error instanceof DeviceError) || (error.code !== 'unavailable' && error.code !== 'timeout')) return error
  return error.toldAs({ code: 'aborted' })
}
