import { readFileSync } from 'node:fs'
import { obeyParentAlone } from '../child/serve.ts'
import { stayAlive } from '../clock.ts'
import type { Agent } from '../compose.ts'
import type { Config } from '../config/config.ts'
import { secretFiles } from '../config/config.ts'
import { messageOf } from '../thrown.ts'
import type { Call, Failure, Reply } from './owned-agent.ts'
import type { Owner } from './owner.ts'
import { become } from './owner.ts'
import { localTechnician, openAgent } from './technician.ts'

type Act = (...args: readonly unknown[]) => unknown

let agent: Agent | undefined
let acts: Readonly<Record<string, Act>> = { open: (config, owner) => open(config as Config, owner as Owner) }

obeyParentAlone(process)
process.on('message', (call: Call) => void perform(call))
// Whoever asked is gone, or has all that was wanted.
process.once('disconnect', () => void stop().finally(() => process.exit()))

async function open(config: Config, owner: Owner): Promise<void> {
  const secrets = readSecrets(config)
  become(owner, config.state)
  stayAlive()
  agent = await openAgent(config, secrets)
  acts = { ...(localTechnician(agent.administration) as unknown as Readonly<Record<string, Act>>), stop }
}

/** As the unit hands them to the daemon: their files may be root's alone. What cannot be read is told by the device. */
function readSecrets(config: Config): ReadonlyMap<string, string> {
  const secrets = new Map<string, string>()
  for (const path of secretFiles(config).values()) {
    try {
      secrets.set(path, readFileSync(path, 'utf8'))
    } catch {
      // It is read again by whoever needs it, who says what is wrong.
    }
  }
  return secrets
}

/** Once: what is stopped is stopped. */
async function stop(): Promise<void> {
  const opened = agent
  agent = undefined
  await opened?.stop()
}

async function perform({ id, act, args }: Call): Promise<void> {
  const reply: Reply = { id }
  try {
    reply.answer = await demandAct(act)(...args)
  } catch (error) {
    reply.failure = failureOf(error)
  }
  if (process.connected) process.send?.(reply)
}

function demandAct(act: string): Act {
  const found = Object.hasOwn(acts, act) ? acts[act] : undefined
  if (found === undefined) throw new Error(`there is no act ${act}`)
  return found
}

function failureOf(error: unknown): Failure {
  const told = (typeof error === 'object' && error !== null ? error : {}) as Partial<Record<keyof Failure, unknown>>
  return {
    name: String(told.name ?? 'Error'),
    message: messageOf(error),
    ...(typeof told.code === 'string' && { code: told.code }),
    ...(typeof told.syscall === 'string' && { syscall: told.syscall }),
  }
}
