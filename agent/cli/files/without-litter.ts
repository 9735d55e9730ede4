import { rmSync } from 'node:fs'
import { constants } from 'node:os'
import { stopSignals } from '../../../base/stop-signals.ts'

/** Suffixes of unfinished files next to the results of exports and backups. */
const HALF = ['.tmp', '.part', '.building']

/** Running work, the innermost last. */
const under: (() => void)[] = []

function end(signal: NodeJS.Signals): void {
  try {
    for (const clear of under.reverse()) clear()
  } finally {
    process.exit(128 + constants.signals[signal])
  }
}

/**
 * Runs work that a stop (Ctrl-C, SIGTERM, a closed terminal) ends at once, after `clear` has removed unfinished files;
 * the exit code is that of a shell for the signal.
 */
export async function withoutLitter<Result>(clear: () => void, work: () => Promise<Result>): Promise<Result> {
  if (under.length === 0) for (const signal of stopSignals()) process.on(signal, end)
  under.push(clear)
  try {
    return await work()
  } finally {
    under.splice(under.indexOf(clear), 1)
    if (under.length === 0) for (const signal of stopSignals()) process.off(signal, end)
  }
}

/** The same for a file that this process writes next to its place. */
export function withoutHalf<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  const clear = (): void => {
    for (const half of HALF) rmSync(`${path}${half}`, { recursive: true, force: true })
  }
  return withoutLitter(clear, work)
}
