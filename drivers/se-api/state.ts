import type { TseNumbers } from '../ports/tse.ts'
import type { SeLog, SeState } from './store.ts'

/** Logs that may have been signed after the last known one: system logs, and those whose answer was lost. */
const UNKNOWN_MAX = 100

/** A new element. Its clock was set in the factory, so that no log is older than the certificate. */
export function newState(timeMs: number): SeState {
  return {
    initialised: false,
    disabled: false,
    signatureCounter: 0,
    transactionCounter: 0,
    clients: [],
    open: [],
    lastTimeMs: timeMs,
    deletedUpTo: 0,
    usedBytes: 0,
  }
}

/**
 * The state after a log, as far as the log determines it: complete for transaction logs, without the change of clients
 * or mode for system logs. Used to write and, after a crash, to read again.
 */
export function stateAfter(state: SeState, log: Omit<SeLog, 'message'>, messageBytes: number): SeState {
  return {
    ...state,
    signatureCounter: log.counter,
    lastTimeMs: log.timeMs,
    usedBytes: state.usedBytes + messageBytes,
    ...transactionsAfter(state, log),
  }
}

/**
 * The state of a rolled-back memory, above what its key is known to have signed, and a margin; undefined if it is not
 * behind. Each skipped log may have begun a transaction: no number may come twice. `passedOver` has no log yet.
 */
export function stateAbove(state: SeState, signedNumbers: TseNumbers): SeState | undefined {
  if (signedNumbers.signatureCounter <= state.signatureCounter && signedNumbers.transaction <= state.transactionCounter)
    return undefined
  const signatureCounter = Math.max(signedNumbers.signatureCounter, state.signatureCounter) + UNKNOWN_MAX
  const passed = state.transactionCounter + (signatureCounter - state.signatureCounter)
  const transactionCounter = Math.max(passed, signedNumbers.transaction + UNKNOWN_MAX)
  const from = state.passedOver?.from ?? state.signatureCounter + 1
  return { ...state, signatureCounter, transactionCounter, passedOver: { from, to: signatureCounter } }
}

/** The state after an audit log has recorded the gap. */
export function stateExplained({ passedOver: _, ...state }: SeState): SeState {
  return state
}

function transactionsAfter(
  state: SeState,
  log: Omit<SeLog, 'message'>,
): Pick<SeState, 'open' | 'transactionCounter'> | undefined {
  const { kind, operation, transaction, clientId } = log
  if (kind !== 'Tra' || transaction === undefined || operation === 'Update') return undefined
  if (operation === 'Finish')
    return {
      open: state.open.filter((entry) => entry.transaction !== transaction),
      transactionCounter: state.transactionCounter,
    }
  return { open: [...state.open, { transaction, clientId: clientId ?? '' }], transactionCounter: transaction }
}
