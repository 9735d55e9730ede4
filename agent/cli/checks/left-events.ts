import { randomBytes } from 'node:crypto'
import { systemClock } from '../../clock.ts'
import type { Config } from '../../config/config.ts'
import type { Credentials } from '../../config/credentials.ts'
import { secretReader } from '../../config/credentials.ts'
import type { OwnChain } from '../../journal/own-chains.ts'
import type { Holding } from '../../replay/holdings.ts'

/**
 * Events that a target has of an epoch that a restore ended, and the journal lacks. `isProven`: the key of that epoch has signed
 * them. `reason`: of the person who confirmed the task. `task`: undefined where the restore said that nothing was lost.
 */
export type LeftEvents = {
  readonly target: string
  readonly epoch: number
  readonly first: number
  readonly last: number
  readonly isProven: boolean
  readonly reason: string | undefined
  readonly task: string | undefined
}

/** `silent`: targets that did not tell of all of these epochs. */
export type LeftAtTargets = { readonly left: readonly LeftEvents[]; readonly silent: readonly string[] }

/** Asks the targets only if a restore ended an epoch. */
export async function leftEvents(state: string, config: Config, secrets: Credentials): Promise<LeftAtTargets> {
  const { targets } = config.sync
  const { readOwnChains } = await import('../../journal/own-chains.ts')
  const ended = (own: readonly OwnChain[]) => own.filter(({ endedBy }) => endedBy === 'restore')
  const chains = readOwnChains(state, ended)
  if (targets.length === 0 || chains.length === 0) return { left: [], silent: [] }
  const { askHoldings } = await import('../../replay/holdings.ts')
  const random = (length: number): Uint8Array => randomBytes(length)
  const asked = { targets, chains, clock: systemClock, random, readSecret: secretReader(secrets) }
  const holdings = await askHoldings(asked)
  const left = readOwnChains(state, (own) => ended(own).flatMap((chain) => holdings.flatMap((at) => leftOf(chain, at))))
  const silent = holdings.filter(({ epochs }) => epochs.length < chains.length).map(({ target }) => target)
  return { left, silent }
}

function leftOf(chain: OwnChain, { target, epochs }: Holding): LeftEvents[] {
  const { epoch, last: ours, confirmed: reason, task } = chain
  const held = epochs.find(({ chainId }) => chainId === chain.chainId)
  const claimed = held?.position?.headSeq ?? 0
  if (held === undefined || claimed <= ours) return []
  const proven = Math.max(0, ...held.signed.filter(chain.signed).map(({ seq }) => seq))
  const isProven = proven > ours
  return [{ target, epoch, first: ours + 1, last: isProven ? proven : claimed, isProven, reason, task }]
}
