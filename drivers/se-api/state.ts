import type { SeLog, SeState } from './store.ts'

/** A virgin element. Its clock was set in the factory, so that no log lies before the certificate. */
export const virginState = (timeMs: number): SeState => ({
  initialised: false,
  disabled: false,
  signatureCounter: 0,
  transactionCounter: 0,
  clients: [],
  open: [],
  lastTimeMs: timeMs,
  deletedUpTo: 0,
  usedBytes: 0,
})

/**
 * The state after a log, as far as the log itself tells: complete for transaction logs, without the change of clients
 * or mode for system logs. Used to write and, after a crash, to read again.
 */
export const stateAfter = (state: SeState, log: Omit<SeLog, 'message'>, messageBytes: number): SeState => ({
  ...state,
  signatureCounter: log.counter,
  lastTimeMs: log.timeMs,
  usedBytes: state.usedBytes + messageBytes,
  ...transactionsAfter(state, log),
})

const transactionsAfter = (
  state: SeState,
  log: Omit<SeLog, 'message'>,
): Pick<SeState, 'open' | 'transactionCounter'> | undefined => {
  const { kind, operation, transaction, clientId, timeMs } = log
  if (kind !== 'Tra' || transaction === undefined || operation === 'Update') return undefined
  if (operation === 'Finish')
    return {
      open: state.open.filter((entry) => entry.transaction !== transaction),
      transactionCounter: state.transactionCounter,
    }
  const started = { transaction, clientId: clientId ?? '', startedAtMs: timeMs }
  return { open: [...state.open, started], transactionCounter: transaction }
}
