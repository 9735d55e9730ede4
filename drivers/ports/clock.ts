/** Time as the drivers and the agent see it. Production takes the system's, tests and the simulation their own. */
export type Clock = {
  /** Wall clock, milliseconds since 1970-01-01T00:00:00Z. An annotation, never an order. */
  now(): number
  /** Monotonic nanoseconds since an arbitrary start: for time-outs and durations. */
  mono(): bigint
  /** Runs `act` once after `delayMs`; the returned function cancels it. Does not keep the process alive. */
  after(delayMs: number, act: () => void): () => void
}
