import type { Acts } from '../../../base/child/serve.ts'
import { serveCalls } from '../../../base/child/serve.ts'
import { stayAlive } from '../../../base/clock.ts'
import type { Config } from '../../agent-config.ts'
import type { Agent } from '../../compose.ts'
import { localTechnician, openAgent } from '../daemon/technician.ts'
import type { Owner } from './owner.ts'
import { become } from './owner.ts'
import { readSecrets } from './secrets.ts'
import { stateTasks } from './state-tasks.ts'

/** A device act that has begun is finished. */
const STOP_LIMIT_MS = 20_000

let agent: Agent | undefined
let secrets: ReadonlyMap<string, Uint8Array> = new Map()
const acts: Record<string, Acts[string]> = { enter }

serveCalls({
  acts,
  // The caller has ended or has all results.
  left: () => {
    setTimeout(end, STOP_LIMIT_MS).unref()
    void stop().finally(end)
  },
})

/** process.exit() would wait for threads that may hang. */
function end(): void {
  process.kill(process.pid, 'SIGKILL')
}

function enter(owner: Owner | undefined, state: string, secretFiles: readonly string[]): string[] {
  secrets = readSecrets(secretFiles)
  if (owner !== undefined) become(owner, state)
  const tasks = stateTasks(state)
  Object.assign(acts, tasks, { open, stop })
  return Object.keys(tasks)
}

async function open(config: Config): Promise<void> {
  stayAlive()
  agent = await openAgent(config, secrets)
  Object.assign(acts, localTechnician(agent.administration))
}

/** Stops once. */
async function stop(): Promise<void> {
  const opened = agent
  agent = undefined
  await opened?.stop()
}
