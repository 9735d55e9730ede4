/**
 * Ends the process with its exit code, although a thread of it hangs, as in a call on a dead share: process.exit() waits
 * for that thread, and a kill loses the code. A program that only exits replaces it: the kernel ends the threads.
 * Without a code it is process.exitCode, which process.exit(undefined) would clear.
 */
export function leave(code: number | string | null | undefined = process.exitCode): never {
  const exitCode = Number(code ?? 0)
  process.emit('exit', exitCode)
  process.execve?.('/bin/sh', ['sh', '-c', `exit ${exitCode}`])
  // A Node too old for this program.
  process.exit(exitCode)
}
