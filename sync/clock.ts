/** Time as the replay sees it; the agent's clock fits by shape. */
export type Clock = {
  /** Wall clock, milliseconds since 1970-01-01T00:00:00Z: an annotation, never an order. */
  now(): number
  /** Monotonic nanoseconds since an arbitrary start. */
  mono(): bigint
  /** Runs `act` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, act: () => void): () => void
}

/** Uniform in [0, 1). */
export type Random = () => number

export function monoMs(clock: Clock): number {
  return Number(clock.mono() / 1_000_000n)
}

/** Resolves after `delayMs`, or at once when `signal` aborts. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(delayMs, done)
    signal.addEventListener('abort', done, { once: true })
  })
}
