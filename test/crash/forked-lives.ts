import { forkCommand } from '../cli/forked-command.ts'
import { ForkServer } from '../forks/fork-server.ts'
import { sharedTemplate } from '../forks/shared-templates.ts'
import type { Daemon } from './agent-process.ts'

let server: ForkServer | undefined

/** A life of the agent in a fork. */
export function forkLife(args: readonly string[]): Daemon {
  server ??= new ForkServer(sharedTemplate('lives'), false)
  return server.start(args)
}

/** The daemon in a fork, for lives that are killed among others: its start is not what the test is about. */
export function forkDaemon(config: string): Daemon {
  const fork = forkCommand(['run', '--config', config])
  const startedAt = performance.now()
  let readyMs = 0
  const ready = fork.printed(/ready at (\S+)/).then((match) => {
    readyMs = performance.now() - startedAt
    return match?.[1]
  })
  return {
    child: fork.child,
    ready,
    readyMs: () => readyMs,
    get ended() {
      return fork.ended
    },
  }
}
