import { spawn } from 'node:child_process'

/** Kills the process a second later; ends at once with it: then its input is closed. */
const KILLER = 'timeout 1 cat || kill -9 "$1"'

/**
 * Ends the process although a thread of it hangs, as in a call on a dead share: process.exit() waits for that thread.
 * Without a code it is process.exitCode, which process.exit(undefined) would clear.
 */
export function leave(code: number | string | null | undefined = process.exitCode): never {
  const stdio = ['pipe', 'ignore', 'ignore'] as const
  const killer = spawn('sh', ['-c', KILLER, 'sh', String(process.pid)], { detached: true, stdio: [...stdio] })
  if (killer.pid === undefined) process.kill(process.pid, 'SIGKILL')
  process.exit(code)
}
