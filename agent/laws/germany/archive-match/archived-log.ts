import { rfc3339 } from '../../../../base/clock.ts'
import type { LogMessage } from '../../../../drivers/tr03151/log-message.ts'
import type { FinishedLog } from '../../../journal/books/device-logs.ts'

/** A log of a transaction, as an archive has it. */
export type ArchivedLog = FinishedLog & { serial: string; transaction: number }

export function archivedLog(serial: string, message: LogMessage, transaction: number): ArchivedLog {
  const { clientId = '', time, counter, processType, processData, signature } = message
  return {
    serial,
    transaction,
    client: clientId,
    timeMs: time.ms,
    counter,
    processType,
    processData,
    signature: Buffer.from(signature).toString('base64'),
  }
}

/** Its place in the unit, as a finding names it. */
export function placeOf(log: ArchivedLog) {
  const { serial, transaction, counter, client, timeMs } = log
  return { serial, transaction, counter, client, at: rfc3339(timeMs), data: dataOf(log) }
}

/** Its processData. */
export function dataOf({ processData }: ArchivedLog): string {
  return Buffer.from(processData).toString('utf8')
}

/** Its processData, counter and time. */
export function contentOf(log: ArchivedLog): string {
  return `${dataOf(log)} [${log.counter}, ${rfc3339(log.timeMs)}]`
}
