/** Values that the manual leaves open or that differ by model; the configuration may override each. */
export type CustomProfile = {
  nakQuietMs: number
  busyPauseMs: number
  busyMs: number
  pollMs: number
  textMax: number
  /** Preset payment of the printer for each number of the factory table; others are refused. */
  tenderCodes: Readonly<Record<number, string>>
  /** Index of the printer's VAT table for a natura, which the table does not name, or for a rate: only an advance needs it. */
  vatIndexes: Readonly<Record<string, number>>
}

const defaultProfile: CustomProfile = {
  nakQuietMs: 50,
  busyPauseMs: 500,
  busyMs: 30_000,
  pollMs: 200,
  textMax: 44,
  tenderCodes: { 1: '01', 2: '07', 3: '02', 4: '03', 5: '05', 6: '50', 7: '51', 8: '52', 9: '53' },
  vatIndexes: {},
}

/** Overrides add to the common values: a further preset payment keeps the ones of all models. */
export function profileWith(overrides: Partial<CustomProfile> = {}): CustomProfile {
  return {
    ...defaultProfile,
    ...overrides,
    tenderCodes: { ...defaultProfile.tenderCodes, ...overrides.tenderCodes },
  }
}

export type CustomTimeouts = { ackMs: number; replyMs: number; printMs: number; longMs: number }

export const defaultTimeouts: CustomTimeouts = { ackMs: 1000, replyMs: 5000, printMs: 30_000, longMs: 180_000 }

/** A question about an original is answered at once; its opening and its void may consolidate it first. */
export function replyMsOf(command: string, timeouts: CustomTimeouts): number {
  if (/^(1513|2002|2003|6403|7101.{15}[18]|7114)/.test(command)) return timeouts.longMs
  return /^(3007|3011|3013|400|7106)/.test(command) ? timeouts.printMs : timeouts.replyMs
}
