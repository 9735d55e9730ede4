import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { RetryLimit } from '../../base/retry.ts'
import { retry } from '../../base/retry.ts'

const run = promisify(execFile)

/** Longer than the manager takes to read it, shorter than the time between two watchdog pings. */
const NOTIFY_LIMIT_MS = 5000
const STATUS_LIMIT = 200
/** As long as a start may take (TimeoutStartSec). */
const READY_RETRY: RetryLimit = { limitMs: 60_000, everyMs: 1000 }

/**
 * Notifies the service manager of the state of the daemon: `READY=1`, `WATCHDOG=1`, `STOPPING=1`, `STATUS=…`
 * (sd_notify(3)).
 */
export type ServiceNotice = {
  /** False if no service manager expects notifications: a person started the agent by hand. */
  readonly isExpected: boolean
  /** Resolves with false if no manager listens or the notification did not arrive. Never throws. */
  notify(...words: readonly string[]): Promise<boolean>
}

/**
 * Sends through `socket` (NOTIFY_SOCKET of the unit); sends nothing if no manager expects notifications. Node opens no
 * datagram socket of the Unix family, so `systemd-notify` does: it waits until the manager has read the notification,
 * hence NotifyAccess=all.
 */
export function serviceNotice(socket: string | undefined, command = 'systemd-notify'): ServiceNotice {
  if (socket === undefined || socket === '') return { isExpected: false, notify: async () => false }
  return {
    isExpected: true,
    notify: async (...words) => {
      const env = { NOTIFY_SOCKET: socket, PATH: '/usr/bin:/bin' }
      try {
        await run(command, words, { env, timeout: NOTIFY_LIMIT_MS, killSignal: 'SIGKILL' })
        return true
      } catch {
        // Most errors of the system reject; rare ones (no memory, an unreadable disk) are thrown at once.
        return false
      }
    },
  }
}

/**
 * For a notification that the manager waits for: without it the manager ends the start, although the agent already
 * serves tills. Never throws.
 */
export async function notifyUntilReceived(
  notice: ServiceNotice,
  words: () => readonly string[],
  { log, ...waiting }: { clock: Clock; signal: AbortSignal; log: Log },
): Promise<void> {
  if (!notice.isExpected) return
  const send = async (): Promise<void> => {
    if (!(await notice.notify(...words())))
      throw new Error('the service manager did not receive the ready notification')
  }
  await retry(send, () => READY_RETRY, waiting).catch((error: Error) => log.warn({}, error.message))
}

/** One line for `systemctl status`; removes characters that would end it early. */
export function statusWord(text: string): string {
  return `STATUS=${text.replaceAll(/[\r\n]+/g, ' ').slice(0, STATUS_LIMIT)}`
}
