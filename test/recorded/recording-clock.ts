import type { Clock } from '../../base/clock.ts'

/** Turns of the event loop without other work, after which a wait is one for silence. */
const IDLE_TURNS = 3

/** The clock of a recording: silence takes no time. While the process does nothing but wait, the next timer is due. */
export class RecordingClock implements Clock {
  readonly #startMs: number
  #elapsedMs = 0
  #idleTurns = 0
  #isTurning = false
  readonly #timers = new Set<{ atMs: number; act: () => void }>()

  constructor(startMs: number) {
    this.#startMs = startMs
  }

  now(): number {
    return this.#startMs + Math.floor(this.#elapsedMs)
  }

  mono(): bigint {
    return BigInt(Math.round(this.#elapsedMs * 1e6))
  }

  after(delayMs: number, act: () => void): () => void {
    const timer = { atMs: this.#elapsedMs + Math.max(0, delayMs), act }
    this.#timers.add(timer)
    this.#turn()
    return () => this.#timers.delete(timer)
  }

  #turn(): void {
    if (this.#isTurning || this.#timers.size === 0) return
    this.#isTurning = true
    setImmediate(() => {
      this.#isTurning = false
      this.#idleTurns = isWorking() ? 0 : this.#idleTurns + 1
      if (this.#idleTurns > IDLE_TURNS) this.#fire()
      this.#turn()
    })
  }

  #fire(): void {
    this.#idleTurns = 0
    const [next] = [...this.#timers].sort((one, other) => one.atMs - other.atMs)
    if (next === undefined) return
    this.#timers.delete(next)
    this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs)
    next.act()
  }
}

/** Files and threads that are at work: requests. What is only open, as a socket or a child, waits too. */
function isWorking(): boolean {
  return process
    .getActiveResourcesInfo()
    .some((name) => !/^(?:Immediate|Timeout|MessagePort)$|(?<!Req)Wrap$/.test(name))
}
