import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { rfc3339, systemClock } from '../../../base/clock.ts'

/**
 * Private to root: files from this folder are installed by root. Not the daemon's cache, which each installation
 * empties.
 */
export const KEPT = '/var/cache/fiskal-edge-packages'

/** Everything that a program of the system wrote before it failed. */
export const LOG = join(KEPT, 'update.log')

/** dpkg may wait for a running sale, a migration and a start. */
const LIMIT_MS = 600_000
const OUTPUT_BYTES = 64 * 1024 * 1024

/** `out`: standard output. `text`: all that it wrote; for our own words only. */
export type Ran = { readonly isDone: boolean; readonly out: string; readonly text: string }

/** Runs a program of the system. Its text goes to the log if it fails, never into a message. */
export function run(command: string, args: readonly string[], { ignoresOutput = false, isLogged = true } = {}): Ran {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: LIMIT_MS,
    maxBuffer: OUTPUT_BYTES,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', ignoresOutput ? 'ignore' : 'pipe', 'pipe'],
  })
  const isDone = status === 0
  const out = stdout ?? ''
  const text = [out, stderr ?? '', error?.message ?? ''].filter((part) => part !== '').join('\n')
  if (!isDone && isLogged) keepText(`${command} ${args.join(' ')} (${status ?? 'no status'})`, text)
  return { isDone, out, text }
}

function keepText(command: string, text: string): void {
  try {
    mkdirSync(KEPT, { recursive: true, mode: 0o700 })
    appendFileSync(LOG, `${rfc3339(systemClock.now())} ${command}\n${text}\n`, { mode: 0o600 })
  } catch {
    // Without the log the message still says what to do.
  }
}
