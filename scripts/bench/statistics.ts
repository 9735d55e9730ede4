/** Times of many requests, in ms. */
export type Distribution = { count: number; p50: number; p90: number; p99: number; longest: number }

export function distributionOf(values: readonly number[]): Distribution {
  const sorted = Float64Array.from(values).sort()
  const [p50, p90, p99, longest] = [0.5, 0.9, 0.99, 1].map((share) => rank(sorted, share)) as [
    number,
    number,
    number,
    number,
  ]
  return { count: sorted.length, p50, p90, p99, longest }
}

/** The middle of a few rounds: one disturbed round moves it little. NaN of none. */
export function median(values: readonly number[]): number {
  return rank(Float64Array.from(values).sort(), 0.5)
}

function rank(sorted: Float64Array, share: number): number {
  // The nearest rank: of 100 values the 99th, which is not their largest.
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** Calls `act` `times` times and returns how long each took, in ms. */
export async function timesOf(times: number, act: () => unknown): Promise<number[]> {
  const taken: number[] = []
  for (let run = 0; run < times; run++) {
    const started = performance.now()
    await act()
    taken.push(performance.now() - started)
  }
  return taken
}

export function timesOfSync(times: number, act: () => void): number[] {
  const taken: number[] = []
  for (let run = 0; run < times; run++) {
    const started = performance.now()
    act()
    taken.push(performance.now() - started)
  }
  return taken
}
