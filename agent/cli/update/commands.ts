import { runCommand, ServiceError } from '../service/host.ts'

/** dpkg may wait for a sale in flight, for a migration and for a start. */
const LIMIT_MS = 600_000

/** Standard output of a command that has to succeed. Throws `update_failed` with what it said last. */
export function run(command: string, ...args: readonly string[]): string {
  const { out, failure } = runCommand(command, args, LIMIT_MS)
  if (out === undefined) throw new ServiceError('update_failed', failure)
  return out
}
