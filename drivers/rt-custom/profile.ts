/** Values that the manual leaves open or that differ by model; the configuration may override each. */
export type CustomProfile = {
  nackQuietMs: number
  busyPauseMs: number
  busyMs: number
  pollMs: number
  textMax: number
  /** Preset payment of the printer for each number of the factory table; others are refused. */
  tenders: Readonly<Record<number, string>>
}

const defaultProfile: CustomProfile = {
  nackQuietMs: 50,
  busyPauseMs: 500,
  busyMs: 30_000,
  pollMs: 200,
  textMax: 32,
  tenders: { 1: '01', 2: '07', 3: '02', 4: '03', 5: '05', 6: '50', 7: '51', 8: '52', 9: '53' },
}

/** Overrides add to the common values: a further preset payment keeps the ones of all models. */
export function profileWith(overrides: Partial<CustomProfile> = {}): CustomProfile {
  return {
    ...defaultProfile,
    ...overrides,
    tenders: { ...defaultProfile.tenders, ...overrides.tenders },
  }
}

export type CustomTimeouts = { ackMs: number; replyMs: number; printMs: number; longMs: number }

export const defaultTimeouts: CustomTimeouts = { ackMs: 1000, replyMs: 5000, printMs: 30_000, longMs: 180_000 }

export function replyMsOf(command: string, timeouts: CustomTimeouts): number {
  if (/^(2002|2003|7114)/.test(command)) return timeouts.longMs
  return /^(300[47]|3011|400|7106)/.test(command) ? timeouts.printMs : timeouts.replyMs
}
