import type { TseExportFilter } from '../ports/tse.ts'
import type { LogMessage } from './log-message.ts'

/** The parts of a log that a filter reads. */
type Filtered = {
  kind: 'Tra' | 'Sys' | 'Aud'
  clientId: string | undefined
  transaction: number | undefined
  /** Milliseconds since 1970 UTC. */
  timeMs: number
}

/** The parts of a parsed message that a filter reads. */
export function asFiltered(message: LogMessage): Filtered {
  return { ...message, timeMs: message.time.ms }
}

/** True if the filter selects everything. */
export function isWhole(filter: TseExportFilter): boolean {
  return Object.values(filter).every((value) => value === undefined)
}

/**
 * For devices that require both ends of a range: the last transaction number, and 2099-12-31, after the end of every
 * certificate.
 */
export const LATEST_TRANSACTION = 4_294_967_295
export const LATEST_MS = 4_102_444_799_000

/** True if a log itself matches a filter: with numbers or a client only transaction logs do (TR-03151 §5). */
export function isMatch(log: Filtered, filter: TseExportFilter): boolean {
  const { clientId, transactionFrom, transactionTo } = filter
  const ofTransactions = clientId !== undefined || transactionFrom !== undefined || transactionTo !== undefined
  if (ofTransactions && log.kind !== 'Tra') return false
  const isOfClient = clientId === undefined || log.clientId === clientId
  return isOfClient && isWithin(log.transaction ?? 0, transactionFrom, transactionTo) && isInTime(log, filter)
}

/** True for a match, and for a system or audit log within the time: those belong to the logs around them. */
export function isWanted(log: Filtered, filter: TseExportFilter): boolean {
  return isMatch(log, filter) || (log.kind !== 'Tra' && isInTime(log, filter))
}

function isInTime({ timeMs }: Filtered, { timeFromMs, timeToMs }: TseExportFilter): boolean {
  return isWithin(timeMs, timeFromMs, timeToMs)
}

function isWithin(value: number, from: number | undefined, to: number | undefined): boolean {
  return (from === undefined || value >= from) && (to === undefined || value <= to)
}
