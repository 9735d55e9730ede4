import { spawnSync } from 'node:child_process'

/** What an update was refused for, or how it ended. */
export class UpdateError extends Error {
  override readonly name = 'UpdateError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** dpkg may wait for a sale in flight, for a migration and for a start. */
const LIMIT_MS = 600_000

/** Standard output of a command that has to succeed. Throws `update_failed` with what it said last. */
export function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: LIMIT_MS })
  if (status === 0) return stdout
  const said = (stderr ?? '')
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('fiskal-edge:'))
    .at(-1)
  const reason = said ?? (stderr ?? '').trim().split('\n').at(-1) ?? ''
  throw new UpdateError(
    'update_failed',
    `${command} ${args.join(' ')}: ${reason || error?.message || `status ${status}`}`,
  )
}
