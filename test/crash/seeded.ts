/** Random numbers from a seed: the same seed gives the same run. */
export type Seeded = {
  /** 0 ≤ x < 1. */
  next(): number
  /** Whole number, 0 ≤ x < limit. */
  below(limit: number): number
  pick<T>(choices: readonly [T, ...T[]]): T
  /** True in that share of the cases. */
  chance(share: number): boolean
  bytes(length: number): Uint8Array
  /** Independent numbers for a part, so that one part's draws do not move another's. */
  fork(): Seeded
}

/** The generator "mulberry32": 32 bits of state, good enough to choose faults. */
export function seeded(seed: number): Seeded {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    next,
    below,
    pick: (choices) => choices[below(choices.length)] ?? choices[0],
    chance: (share) => next() < share,
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
    fork: () => seeded(below(0xffffffff)),
  }
}
