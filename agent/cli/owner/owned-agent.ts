import type { Config } from '../../agent-config.ts'
import { namedPaths } from '../../agent-config.ts'
import { ACT_ARGUMENTS } from '../../till/administration.ts'
import type { Technician } from '../daemon/admin-client.ts'
import { asking } from '../daemon/asking.ts'
import { withClosing } from '../daemon/with-closing.ts'
import { handedOver } from './hand-over.ts'
import { inOwnedProcess } from './owned-process.ts'
import type { Owner } from './owner.ts'

/** The agent, opened by the owner of the state for root. It passes a file to root as a daemon does. */
export function withOwnedAgent<Result>(
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
      exportTo: (type, range, path) => handedOver(state, path, (made) => asked.exportTo(type, range, made)),
    }
    return withClosing(
      () => work(technician),
      () => ask('stop'),
    )
  })
}
