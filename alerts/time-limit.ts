import type { Clock } from '../base/clock.ts'
import { DeliveryError } from './message.ts'

type Limit = {
  readonly clock: Clock
  readonly limitMs: number
  /** The message about a server that takes longer. */
  readonly words: string
  /** Aborted when the agent stops. */
  readonly signal: AbortSignal
}

/** `ended` rejects when the time is over, and when the agent stops: `act` then closes what it has open, and rejects too. */
export async function withinLimit<Result>(
  { clock, limitMs, words, signal }: Limit,
  act: (ended: Promise<never>) => Promise<Result>,
): Promise<Result> {
  let end = (_error: DeliveryError): void => undefined
  const ended = new Promise<never>((_resolve, reject) => {
    end = reject
  })
  ended.catch(() => undefined)
  const stop = (): void => end(new DeliveryError('stopped', 'The agent stopped.'))
  const cancel = clock.after(limitMs, () => end(new DeliveryError('timeout', words)))
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    return await act(ended)
  } finally {
    cancel()
    signal.removeEventListener('abort', stop)
  }
}
