import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import { stayAlive, systemClock } from '../../../base/clock.ts'
import type { Config } from '../../agent-config.ts'
import { namedPaths, readConfig } from '../../agent-config.ts'
import type { Agent } from '../../compose.ts'
import { adminSocketPath } from '../../config/admin-socket.ts'
import type { Credentials } from '../../config/credentials.ts'
import { systemBoot } from '../../process/clock-steps.ts'
import { machineNumbers } from '../../state/machine-numbers.ts'
import type { Administration } from '../../till/administration.ts'
import { ACT_ARGUMENTS } from '../../till/administration.ts'
import { UsageError } from '../arguments/options.ts'
import { withoutHalf } from '../files/without-litter.ts'
import { handedOver } from '../owner/hand-over.ts'
import { inOwnedProcess } from '../owner/owned-process.ts'
import type { Owner } from '../owner/owner.ts'
import { otherOwner } from '../owner/owner.ts'
import { shownWhile } from '../terminal/progress.ts'
import type { Technician } from './admin-client.ts'
import { findDaemon } from './admin-client.ts'
import { asking } from './asking.ts'
import { withClosing } from './with-closing.ts'

const LOCK_WAIT_MS = 5000
const LOCK_RETRY_MS = 100

/** {@link asTechnicianOf} the agent of a configuration file. */
export async function asTechnician<Result>(
  configFile: string | undefined,
  work: (technician: Technician) => Promise<Result>,
): Promise<Result> {
  return asTechnicianOf(readConfig(configFile).config, work)
}

/**
 * Runs technician's work: through the admin socket if the daemon runs, otherwise with an agent that is opened here
 * under the same lock and closed again. Waits at most 5 s for a daemon that is starting or stopping.
 */
export async function asTechnicianOf<Result>(
  config: Config,
  work: (technician: Technician) => Promise<Result>,
): Promise<Result> {
  const started = performance.now()
  while (true) {
    const daemon = await findDaemon(adminSocketPath(config.state))
    if (daemon !== undefined) return work(daemon.technician)
    try {
      return await offline(config, work)
    } catch (error) {
      const isLocked = error instanceof Error && error.name === 'StateLockedError'
      if (!isLocked || performance.now() - started > LOCK_WAIT_MS) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS))
  }
}

async function offline<Result>(config: Config, work: (technician: Technician) => Promise<Result>): Promise<Result> {
  const owner = otherOwner(config.state)
  if (owner !== undefined) return withOwnedAgent(config, owner, work)
  const leave = stayAlive()
  try {
    const agent = await openAgent(config)
    return await withClosing(
      () => work(localTechnician(agent.administration)),
      () => agent.stop(),
    )
  } finally {
    leave()
  }
}

/** The agent, opened by the owner of the state for root. It passes a file to root as a daemon does. */
function withOwnedAgent<Result>(
  config: Config,
  owner: Owner,
  work: (technician: Technician) => Promise<Result>,
): Promise<Result> {
  const { state } = config
  return inOwnedProcess(owner, state, namedPaths(config), async (ask) => {
    await ask('open', config)
    const asked = asking<Technician>(Object.keys(ACT_ARGUMENTS), ask)
    const technician: Technician = {
      ...asked,
      exportTo: (type, range, path) => handedOver(state, path, (file) => asked.exportTo(type, range, file)),
    }
    return withClosing(
      () => work(technician),
      () => ask('stop'),
    )
  })
}

/** The whole agent, not listening. Its warnings go to standard error. */
export async function openAgent(config: Config, credentials?: Credentials): Promise<Agent> {
  // Loaded when needed: most commands call the daemon and need no database.
  const [{ compose }, { openLog }, { runShortTasksHere }] = await Promise.all([
    import('../../compose.ts'),
    import('../../../base/log.ts'),
    import('./short-tasks.ts'),
  ])
  const log = openLog('error', { write: (line) => process.stderr.write(line) })
  const random = (length: number): Uint8Array => randomBytes(length)
  const boot = systemBoot()
  const commands = process.env
  const agent = await compose(config, { clock: systemClock, random, log, credentials, machineNumbers, commands, boot })
  runShortTasksHere(config.state)
  return agent
}

export function localTechnician(administration: Administration): Technician {
  const acts: Readonly<Record<string, (...args: never) => unknown>> = administration
  const asked = asking<Technician>(Object.keys(ACT_ARGUMENTS), async (act, ...args) => acts[act]?.(...(args as never)))
  return {
    ...asked,
    fault: async () => {
      throw new UsageError('A fault lives in a running agent: start it first (fiskal-edge run).')
    },
    exportTo: (type, range, path) =>
      withoutHalf(path, () => shownWhile(basename(path), path, () => asked.exportTo(type, range, path))),
  }
}
