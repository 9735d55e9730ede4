import { once } from 'node:events'
import { leave } from './leave.ts'

/** Signals by which a person (Ctrl-C), a service manager or a terminal that closes asks a process to stop. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const LAUNCHED_IGNORING = ['SIGHUP', 'SIGINT', 'SIGQUIT'] as const
const STOP_LIMIT_MS = 20_000
const SAME_SIGNAL_MS = 500

/** Receives the progress of a stop. */
export type StopNotice = {
  asked?(signal: string): void
  /** The stop took too long: the process exits at once. */
  late?(ms: number): void
}

/**
 * The signals that the program was started to ignore (`nohup`, a job in the background of a script). Node
 * resets them before any code of ours runs, so the launcher (bin/environment.sh) passes them on.
 */
function ignoredSignals(): readonly (typeof LAUNCHED_IGNORING)[number][] {
  const named = (process.env['FISKAL_EDGE_IGNORED'] ?? '').split(' ')
  return LAUNCHED_IGNORING.filter((signal) => named.includes(signal))
}

/** Ignores them as they were. */
export function keepIgnoring(): void {
  for (const signal of ignoredSignals()) process.on(signal, () => undefined)
}

/** The signals that stop this process. */
export function stopSignals(): readonly (typeof STOP_SIGNALS)[number][] {
  const ignored: readonly string[] = ignoredSignals()
  return STOP_SIGNALS.filter((signal) => !ignored.includes(signal))
}

/** Resolves when the signal is aborted, at once if it is already. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

/**
 * Aborts at the first of the signals; the second, or 20 s of stopping, exits the process at once. A Ctrl-C comes twice,
 * from the terminal and from npm: a signal that follows immediately is the same one.
 */
export function stopSignal(notice: StopNotice = {}): AbortSignal {
  const stop = new AbortController()
  let askedAt: number | undefined
  const ask = (signal: string): void => {
    if (askedAt !== undefined) {
      if (performance.now() - askedAt > SAME_SIGNAL_MS) leave(1)
      return
    }
    askedAt = performance.now()
    notice.asked?.(signal)
    setTimeout(() => {
      notice.late?.(STOP_LIMIT_MS)
      leave(1)
    }, STOP_LIMIT_MS).unref()
    stop.abort()
  }
  for (const signal of stopSignals()) process.on(signal, () => ask(signal))
  // Otherwise Node removes the handlers before the process ends, and a second Ctrl-C in between kills it by the signal.
  process.once('beforeExit', () => process.exit())
  return stop.signal
}
