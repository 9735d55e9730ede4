import { headProof, proofOf } from '../../sync/target-claims.ts'
import type { Chain } from '../journal/chains.ts'
import type { CheckpointSigner } from '../journal/checkpoint.ts'
import { sourceOf } from '../journal/cursors.ts'
import type { Renewal } from '../journal/event-facts.ts'
import type { Journal } from '../journal/journal.ts'
import type { HeldAfter } from '../journal/put-back.ts'
import type { AskOptions } from './target-reports.ts'
import { collectTargetReports } from './target-reports.ts'

export type HeldAfterOptions = Pick<AskOptions, 'targets' | 'clock' | 'random' | 'readSecret'> & {
  journal: Journal
  signer: CheckpointSigner
}

/** For all targets: a shop waits for it before its first sale, and may have no network. */
const LIMIT_MS = 2000
const LOSSES: ReadonlySet<unknown> = new Set<Renewal['reason']>(['restore', 'rollback', 'fork'])

/**
 * Asks all targets in parallel for events after the end of the journal; undefined if none proves any. No target may know
 * an epoch that records a loss: they are asked for the one before it, too. Never rejects.
 */
export async function heldAfter(options: HeldAfterOptions): Promise<HeldAfter | undefined> {
  const { chains } = options.journal
  const asked = chains.slice(LOSSES.has(chains.at(-1)?.opening.reason) ? -2 : -1)
  const found = await Promise.all(asked.map((chain) => heldAfterEnd(chain, options)))
  return found.findLast((held) => held !== undefined)
}

async function heldAfterEnd(
  chain: Chain,
  { journal, signer, ...asked }: HeldAfterOptions,
): Promise<HeldAfter | undefined> {
  const source = sourceOf(journal, signer, chain)
  const { seq } = source.head()
  const chains = [{ ...source.chain, last: seq }]
  const reports = await collectTargetReports({ ...asked, chains, firstLimitMs: LIMIT_MS })
  let most: HeldAfter | undefined
  for (const { target, epochs } of reports)
    for (const signed of epochs.flatMap((held) => held.signed)) {
      const proven = await proofOf(source, seq + 1, signed)
      if (proven === undefined || proven.seq - seq <= (most?.proven.shown ?? 0)) continue
      const proof = { target, ...headProof(proven) }
      most = { chainId: chain.chainId, proven: { target, proof, shown: proven.seq - seq } }
    }
  return most
}
