import type { Clock } from '../base/clock.ts'

const TURN_MS = 2
/** The most that one turn of the event loop adds: a late turn was delayed by other work. */
const TURN_MOST_NS = 4_000_000n
/** Turns without a timer or a look, after which the turns end. */
const IDLE_TURNS = 2_000

type Timer = { readonly dueNs: bigint; readonly act: () => void }

/** Time that advances with the turns of the event loop of this process. */
class Turns {
  #elapsedNs = 0n
  #lastNs = 0n
  #idle = 0
  #interval: NodeJS.Timeout | undefined
  readonly #timers = new Set<Timer>()

  get elapsedNs(): bigint {
    this.#begin()
    return this.#elapsedNs
  }

  after(delayNs: bigint, act: () => void): () => void {
    const timer = { dueNs: this.elapsedNs + delayNs, act }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  #begin(): void {
    this.#idle = 0
    if (this.#interval !== undefined) return
    this.#lastNs = process.hrtime.bigint()
    this.#interval = setInterval(() => this.#turn(), TURN_MS).unref()
  }

  #turn(): void {
    const nowNs = process.hrtime.bigint()
    const passedNs = nowNs - this.#lastNs
    this.#lastNs = nowNs
    this.#elapsedNs += passedNs < TURN_MOST_NS ? passedNs : TURN_MOST_NS
    this.#idle += 1
    const due = [...this.#timers].filter(({ dueNs }) => dueNs <= this.#elapsedNs)
    // One that went off before may have cancelled it.
    for (const timer of due.sort((one, other) => Number(one.dueNs - other.dueNs)))
      if (this.#timers.delete(timer)) timer.act()
    if (this.#timers.size > 0 || this.#idle < IDLE_TURNS) return
    clearInterval(this.#interval)
    this.#interval = undefined
  }
}

const turns = new Turns()

/** Milliseconds of turns: an upper limit in them holds on a busy machine, too. */
export function turnedMs(): number {
  return Number(turns.elapsedNs) / 1e6
}

/**
 * A clock for limits that must hold against each other: windows, deadlines and the absence of a simulated device. On an
 * idle machine it is real time, `speed` times as fast. On a busy one all of it stretches equally: a device that is
 * unplugged for 1.9 s is back within a window of 2 s, and answers within its deadline.
 */
export class TurningClock implements Clock {
  readonly #speed: number
  readonly #startMs = Date.now()
  readonly #startNs = turns.elapsedNs

  constructor(speed = 1) {
    this.#speed = speed
  }

  now(): number {
    return this.#startMs + Number(this.mono() / 1_000_000n)
  }

  mono(): bigint {
    return BigInt(Math.floor(Number(turns.elapsedNs - this.#startNs) * this.#speed))
  }

  after(delayMs: number, act: () => void): () => void {
    return turns.after(BigInt(Math.round((delayMs / this.#speed) * 1e6)), act)
  }
}
