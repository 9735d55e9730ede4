import { once } from 'node:events'

/** With which a person (Ctrl-C), a service manager or a terminal that is closed asks a process to stop. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const STOP_LIMIT_MS = 20_000
const SAME_SIGNAL_MS = 500

/** What is told of a stop. */
export type StopNotice = {
  asked?(signal: string): void
  /** It took so long that the process ends where it stands. */
  late?(ms: number): void
}

/** Settles when it is aborted, at once where it is already. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

/**
 * Aborts at the first of the signals; the second, or 20 s of stopping, ends the process where it stands. A Ctrl-C comes
 * twice, from the terminal and from npm: what follows at once is the same one.
 */
export function stopSignal(notice: StopNotice = {}): AbortSignal {
  const stop = new AbortController()
  let askedAt: number | undefined
  const ask = (signal: string): void => {
    if (askedAt !== undefined) {
      if (performance.now() - askedAt > SAME_SIGNAL_MS) process.exit(1)
      return
    }
    askedAt = performance.now()
    notice.asked?.(signal)
    setTimeout(() => {
      notice.late?.(STOP_LIMIT_MS)
      process.exit(1)
    }, STOP_LIMIT_MS).unref()
    stop.abort()
  }
  for (const signal of STOP_SIGNALS) process.on(signal, () => ask(signal))
  // Else Node takes the handlers away before the process is gone, and a second Ctrl-C in between ends it by the signal.
  process.once('beforeExit', () => process.exit())
  return stop.signal
}
