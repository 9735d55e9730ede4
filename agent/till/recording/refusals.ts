import { FiskalError } from '../../errors.ts'

/** The error of a request whose device did not report the outcome in time. */
export function reconciling(op: string): FiskalError {
  return new FiskalError(
    'reconciling',
    'The outcome of the device act is unknown; the agent is asking the device.',
    { id: op },
    { fiscalEffect: 'unknown', retryAfterSeconds: 5 },
  )
}

/** A request that its device refused has been answered; reconciliation continues with the next. */
export function ignoreRefusal(error: unknown): undefined {
  const isRefusal = error instanceof FiskalError && error.fiscalEffect !== 'unknown' && error.code !== 'shutting_down'
  if (!isRefusal) throw error
}

/** The error of a request whose deadline passed while the journal was synced: it continues, and nothing is lost. */
export function notDurable(op?: string): FiskalError {
  return new FiskalError(
    'reconciling',
    'The disk is slow: the request is not durable yet.',
    { reason: 'disk_slow', ...(op !== undefined && { id: op }) },
    { fiscalEffect: 'unknown', retryAfterSeconds: 5 },
  )
}
