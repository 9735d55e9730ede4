import type { Log } from './log.ts'

type Environment = { readonly [name: string]: string | undefined }

/** One line that names the variables that the launcher (bin/environment.sh) dropped, never their values. */
export function logDroppedVariables({ FISKAL_EDGE_DROPPED: dropped = '' }: Environment, log: Log): void {
  const names = dropped.split(' ').filter((name) => /^\w+$/.test(name))
  if (names.length === 0) return
  log.warn({}, `environment variables were dropped, the configuration decides instead: ${names.sort().join(', ')}`)
}
