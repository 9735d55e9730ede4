import { execFile } from 'node:child_process'

const LIMIT_MS = 1500

/** The environment of a command that is asked something: PATH above all. */
export type CommandEnvironment = Readonly<Record<string, string | undefined>>

/** What a command prints; undefined where it is not there, refuses or takes too long. */
export function said(
  env: CommandEnvironment,
  command: string,
  ...args: readonly string[]
): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { env: { ...env, LC_ALL: 'C' }, timeout: LIMIT_MS }, (error, stdout) =>
      resolve(error === null ? stdout.trim() : undefined),
    )
  })
}
