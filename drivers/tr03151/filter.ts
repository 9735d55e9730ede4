import type { TseExportFilter } from '../ports/tse.ts'
import type { LogMessage } from './log-message.ts'

/** Whether a log by itself answers a filter: with numbers or a client only those of transactions do (TR-03151 §5). */
export const isMatch = (log: LogMessage, filter: TseExportFilter): boolean => {
  const { clientId, transactionFrom, transactionTo } = filter
  const ofTransactions = clientId !== undefined || transactionFrom !== undefined || transactionTo !== undefined
  if (ofTransactions && log.kind !== 'Tra') return false
  const isOfClient = clientId === undefined || log.clientId === clientId
  return isOfClient && isWithin(log.transaction ?? 0, transactionFrom, transactionTo) && isInTime(log, filter)
}

/** As a match, or as a system or audit log of the time: those belong to whatever lies around them. */
export const isWanted = (log: LogMessage, filter: TseExportFilter): boolean =>
  isMatch(log, filter) || (log.kind !== 'Tra' && isInTime(log, filter))

const isInTime = ({ time }: LogMessage, { timeFromMs, timeToMs }: TseExportFilter): boolean =>
  isWithin(time.ms, timeFromMs, timeToMs)

const isWithin = (value: number, from: number | undefined, to: number | undefined): boolean =>
  (from === undefined || value >= from) && (to === undefined || value <= to)
