/** Capacity of a secure element. The defaults are those of the certified units (TR-03153-1; vendor manuals). */
export type SeLimits = {
  openTransactions: number
  signatures: number
  clients: number
  /** Bytes of log messages. */
  memoryBytes: number
  /** processData of one transaction. */
  processDataBytes: number
  selfTestIntervalMs: number
  /** Wrong PINs in a row before a user is blocked. */
  pinTries: number
}

export const defaultLimits: SeLimits = {
  openTransactions: 512,
  signatures: 20_000_000,
  clients: 100,
  memoryBytes: 8 * 2 ** 30,
  processDataBytes: 65_536,
  selfTestIntervalMs: 90_000_000,
  pinTries: 3,
}
