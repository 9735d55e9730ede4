import { randomBytes } from 'node:crypto'
import { systemClock } from '../../../base/clock.ts'
import type { Config } from '../../agent-config.ts'
import type { Credentials } from '../../config/credentials.ts'
import { secretReader } from '../../config/credentials.ts'
import type { OwnChain } from '../../journal/own-chains.ts'
import type { TargetReport } from '../../sync/target-reports.ts'
import type { TargetVerdict } from './target-comparison.ts'
import { CONFESSED, goneWitnesses, targetVerdicts } from './target-comparison.ts'

/**
 * Events of an epoch that a restore or a rolled-back disk ended, which a target has and the journal misses. `isProven`:
 * the key of that epoch has signed them. `reason`: of the person who confirmed the task.
 */
export type LeftEvents = {
  readonly target: string
  readonly epoch: number
  readonly endedBy: string
  readonly first: number
  readonly last: number
  readonly isProven: boolean
  readonly reason: string | undefined
  readonly task: string
}

/** `silent`: targets that did not report all of these epochs. `verdicts`: the comparisons of all other reports. */
export type AskedTargets = {
  readonly leftEvents: readonly LeftEvents[]
  readonly silent: readonly string[]
  readonly verdicts: readonly TargetVerdict[]
}

export async function askTargets(state: string, config: Config, secrets: Credentials): Promise<AskedTargets> {
  const { targets } = config.sync
  const { readKnownTargets, readOwnChains } = await import('../../journal/own-chains.ts')
  const knownTargets = readKnownTargets(state)
  const removed = goneWitnesses(targets, knownTargets)
  if (targets.length === 0) return { leftEvents: [], silent: [], verdicts: removed }
  const ended = (own: readonly OwnChain[]) => own.filter(({ endedBy }) => CONFESSED.has(endedBy ?? ''))
  const chains = readOwnChains(state, (own) => own)
  const { collectTargetReports } = await import('../../sync/target-reports.ts')
  const random = (length: number): Uint8Array => randomBytes(length)
  const asked = { targets, chains, clock: systemClock, random, readSecret: secretReader(secrets) }
  const comparison = await collectTargetReports(asked)
  // Read after the reports: an agent that sells at the same time sends the events on its disk.
  return readOwnChains(state, (own) => {
    const leftEvents = ended(own).flatMap((chain) => comparison.flatMap((at) => leftOf(chain, at)))
    const isSilent = ({ epochs }: TargetReport): boolean =>
      ended(own).some(({ chainId }) => epochs.every((held) => held.chainId !== chainId))
    const silent = comparison.filter(isSilent).map(({ target }) => target)
    return { leftEvents, silent, verdicts: [...targetVerdicts(targets, comparison, own, knownTargets), ...removed] }
  })
}

function leftOf(chain: OwnChain, { target, epochs }: TargetReport): LeftEvents[] {
  const { epoch, last: ours, confirmed: reason, task } = chain
  const held = epochs.find(({ chainId }) => chainId === chain.chainId)
  const claimed = held?.position?.headSeq ?? 0
  if (held === undefined || task === undefined || claimed <= ours) return []
  const proven = Math.max(0, ...held.signed.filter(chain.signed).map(({ seq }) => seq))
  const isProven = proven > ours
  const last = isProven ? proven : claimed
  return [{ target, epoch, endedBy: chain.endedBy ?? '', first: ours + 1, last, isProven, reason, task }]
}
