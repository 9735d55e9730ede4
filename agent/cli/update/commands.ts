import { runCommand, ServiceError } from '../service/host.ts'

/** dpkg may wait for a running sale, a migration and a start. */
const LIMIT_MS = 600_000

/** Standard output of a command that must succeed. Throws `update_failed` with its last words. */
export function run(command: string, ...args: readonly string[]): string {
  const { out, failure } = runCommand(command, args, LIMIT_MS)
  if (out === undefined) throw new ServiceError('update_failed', failure)
  return out
}
