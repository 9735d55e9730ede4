import { execFile } from 'node:child_process'

const LIMIT_MS = 1500

/** The environment of a command, above all PATH. */
export type CommandEnvironment = Readonly<Record<string, string | undefined>>

/** The output of a command; undefined if the command does not exist, fails or takes too long. */
export function said(
  env: CommandEnvironment,
  command: string,
  ...args: readonly string[]
): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { env: { ...env, LC_ALL: 'C' }, timeout: LIMIT_MS, killSignal: 'SIGKILL' },
      (error, stdout) => resolve(error === null ? stdout.trim() : undefined),
    )
  })
}
