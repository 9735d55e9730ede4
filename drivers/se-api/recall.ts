import type { TseLog, TseRecall, TseSignature } from '../ports/tse.ts'
import { parseLogMessage } from '../tr03151/log-message.ts'
import type { SeLog } from './store.ts'

/** What the stored logs of one transaction tell of it; undefined where they name no client. */
export const recalled = (logs: readonly SeLog[]): TseRecall | undefined => {
  const start = logs.find((log) => log.operation === 'Start')
  const finish = logs.find((log) => log.operation === 'Finish')
  const clientId = (start ?? finish)?.clientId
  if (clientId === undefined) return undefined
  return {
    clientId,
    start: start && logOf(start),
    finish: finish && finishOf(finish),
  }
}

export const signatureOf = (log: Omit<SeLog, 'message'>, signature: Uint8Array): TseSignature => ({
  transaction: log.transaction ?? 0,
  signatureCounter: log.counter,
  logTimeMs: log.timeMs,
  signature,
})

const logOf = (log: SeLog): TseLog => {
  const { signature, signedPart } = parseLogMessage(log.message)
  return { ...signatureOf(log, signature), signedPart }
}

const finishOf = (log: SeLog): NonNullable<TseRecall['finish']> => {
  const { processType, processData } = parseLogMessage(log.message)
  return { ...logOf(log), processType, processData }
}
