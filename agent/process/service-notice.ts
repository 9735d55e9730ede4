import { execFile } from 'node:child_process'

/** Longer than the manager takes to read it, shorter than the time between two signs of life. */
const TELL_LIMIT_MS = 5000
const STATUS_LIMIT = 200

/** Tells the service manager how the daemon is: `READY=1`, `WATCHDOG=1`, `STOPPING=1`, `STATUS=…` (sd_notify(3)). */
export type ServiceNotice = {
  /** False where no service manager asked for it: somebody started it by hand. */
  readonly isHeard: boolean
  /** False where nobody listens or the word did not get through. Never throws. */
  tell(...words: readonly string[]): Promise<boolean>
}

/**
 * Through `socket` (NOTIFY_SOCKET of the unit); undefined where no manager asked for it. Node opens no datagram socket
 * of the Unix family, so `systemd-notify` does: it waits until the manager has read the word, hence NotifyAccess=all.
 */
export function serviceNotice(socket: string | undefined, command = 'systemd-notify'): ServiceNotice {
  if (socket === undefined || socket === '') return { isHeard: false, tell: async () => false }
  return {
    isHeard: true,
    tell: (...words) =>
      new Promise((resolve) => {
        const env = { NOTIFY_SOCKET: socket, PATH: '/usr/bin:/bin' }
        execFile(command, [...words], { env, timeout: TELL_LIMIT_MS, killSignal: 'SIGKILL' }, (error) =>
          resolve(error === null),
        )
      }),
  }
}

/** One line for `systemctl status`; what would end it early is cut out. */
export function statusWord(text: string): string {
  return `STATUS=${text.replaceAll(/[\r\n]+/g, ' ').slice(0, STATUS_LIMIT)}`
}
