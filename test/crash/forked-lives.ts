import { join } from 'node:path'
import { ForkServer } from '../forks/fork-server.ts'
import type { Daemon } from './agent-process.ts'

let server: ForkServer | undefined

/** A life of the agent in a fork. It lives half a second: to compile for speed takes longer (measured). */
export function forkLife(args: readonly string[], env: NodeJS.ProcessEnv): Daemon {
  const entry = join(import.meta.dirname, 'life-server.ts')
  server ??= new ForkServer({ entry, flags: ['--no-opt'], env, keepsOutput: false })
  return server.start(args)
}
