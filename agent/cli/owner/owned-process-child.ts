import { obeyParentAlone } from '../../../base/child/serve.ts'
import { stayAlive } from '../../../base/clock.ts'
import { messageOf } from '../../../base/thrown.ts'
import type { Config } from '../../agent-config.ts'
import type { Agent } from '../../compose.ts'
import { localTechnician, openAgent } from '../daemon/technician.ts'
import type { Call, Failure, Reply } from './owned-process.ts'
import type { Owner } from './owner.ts'
import { become } from './owner.ts'
import { readSecrets } from './secrets.ts'
import { stateTasks } from './state-tasks.ts'

type Acts = Readonly<Record<string, (...args: readonly never[]) => unknown>>

/** A device act that has begun is finished. */
const STOP_LIMIT_MS = 20_000

let agent: Agent | undefined
let secrets: ReadonlyMap<string, Uint8Array> = new Map()
let acts: Acts = { enter }

obeyParentAlone(process)
process.on('message', (call: Call) => void perform(call))
// The caller has ended or has all results.
process.once('disconnect', () => {
  setTimeout(end, STOP_LIMIT_MS).unref()
  void stop().finally(end)
})

/** process.exit() would wait for threads that may hang. */
function end(): void {
  process.kill(process.pid, 'SIGKILL')
}

function enter(owner: Owner, state: string, secretFiles: readonly string[]): void {
  secrets = readSecrets(secretFiles)
  become(owner, state)
  acts = { ...stateTasks(state), open, stop }
}

async function open(config: Config): Promise<void> {
  stayAlive()
  agent = await openAgent(config, secrets)
  acts = { ...acts, ...localTechnician(agent.administration) }
}

/** Stops once. */
async function stop(): Promise<void> {
  const opened = agent
  agent = undefined
  await opened?.stop()
}

async function perform({ id, act, args }: Call): Promise<void> {
  const reply: Reply = { id }
  try {
    reply.answer = await demandAct(act)(...(args as never[]))
  } catch (error) {
    reply.failure = failureOf(error)
  }
  if (process.connected) process.send?.(reply)
}

function demandAct(act: string): Acts[string] {
  const found = Object.hasOwn(acts, act) ? acts[act] : undefined
  if (found === undefined) throw new Error(`there is no act ${act}`)
  return found
}

function failureOf(error: unknown): Failure {
  const thrown = (typeof error === 'object' && error !== null ? error : {}) as Partial<Record<keyof Failure, unknown>>
  return {
    name: String(thrown.name ?? 'Error'),
    message: messageOf(error),
    ...(typeof thrown.code === 'string' && { code: thrown.code }),
    ...(typeof thrown.syscall === 'string' && { syscall: thrown.syscall }),
  }
}
