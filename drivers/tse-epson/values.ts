import type { TseExportFilter, TseHealth } from '../ports/tse.ts'
import { LATEST_MS, LATEST_TRANSACTION } from '../tr03151/filter.ts'
import { isoText } from '../tr03151/log-time.ts'
import type { Values } from './codec.ts'
import { flagIn, numberIn, numberOr, textOr, timeIn } from './codec.ts'

/** The same for every unit so far (GetStorageInfo). */
const OPEN_TRANSACTIONS_MAX = 512

/** `wear`: smartInformation, about the memory itself. */
export function healthOf(facts: Values, wear: Values, clockSkewMs: number | undefined): TseHealth {
  const capacity = numberIn(facts, 'tseCapacity')
  return {
    memoryUsedPercent: capacity === 0 ? 0 : (100 * numberIn(facts, 'tseCurrentSize')) / capacity,
    signaturesLeft: numberIn(facts, 'remainingSignatures'),
    certificateExpiresAtMs: timeIn(facts, 'certificateExpirationDate'),
    clockSkewMs,
    openTransactions: numberIn(facts, 'startedTransactions'),
    maxOpenTransactions: numberOr(facts, 'maxStartedTransactions', OPEN_TRANSACTIONS_MAX),
    initialised: facts['tseInitializationState'] !== 'UNINITIALIZED',
    disabled: facts['tseInitializationState'] === 'DECOMMISSIONED',
    replacementNeeded: flagIn(wear, 'isReplacementNeeded'),
    selfTestDueInMs: flagIn(facts, 'hasPassedSelfTest') ? numberIn(facts, 'timeUntilNextSelfTest') * 1000 : 0,
    description: `Epson, ${textOr(facts, 'tseDescription', 'no description')}`,
  }
}

/** The function that exports what a filter wants, with its input. */
export function exportFunction(filter: TseExportFilter): [name: string, input: Values] {
  const { clientId = '', transactionFrom, transactionTo, timeFromMs, timeToMs } = filter
  if (transactionFrom !== undefined && transactionFrom === transactionTo)
    return ['ExportFilteredByTransactionNumber', { clientId, transactionNumber: transactionFrom }]
  if (timeFromMs !== undefined || timeToMs !== undefined) {
    const [startDate, endDate] = [timeFromMs ?? 0, timeToMs ?? LATEST_MS].map((ms) => `${isoText(ms).slice(0, 19)}Z`)
    return ['ExportFilteredByPeriodOfTime', { clientId, startDate, endDate }]
  }
  if (transactionFrom === undefined && transactionTo === undefined && clientId === '')
    return ['ArchiveExport', { clientId: '' }]
  const range = {
    startTransactionNumber: transactionFrom ?? 1,
    endTransactionNumber: transactionTo ?? LATEST_TRANSACTION,
  }
  return ['ExportFilteredByTransactionNumberInterval', { clientId, ...range }]
}
