import { headProof, proofOf } from '../../sync/claims.ts'
import type { Chain } from '../journal/chains.ts'
import type { CheckpointSigner } from '../journal/checkpoint.ts'
import { sourceOf } from '../journal/cursors.ts'
import type { Renewal } from '../journal/event-facts.ts'
import type { Journal } from '../journal/journal.ts'
import type { AskOptions } from './target-reports.ts'
import { collectTargetReports } from './target-reports.ts'

/** A target has proven that it holds events behind the end of chain `chainId`: how many, and its head. */
export type Behind = {
  readonly chainId: string
  readonly told: Required<Pick<Extract<Renewal, { proof: object }>, 'target' | 'proof' | 'shown'>>
}

export type BehindOptions = Pick<AskOptions, 'targets' | 'clock' | 'random' | 'readSecret'> & {
  journal: Journal
  signer: CheckpointSigner
}

/** For all targets: a shop waits for it before its first sale, and may have no network. */
const LIMIT_MS = 2000
const LOSSES: ReadonlySet<unknown> = new Set<Renewal['reason']>(['restore', 'rollback', 'fork'])

/**
 * Asks all targets in parallel what they hold behind the journal; undefined if none proves anything. Of an epoch that
 * records a loss no target may know: the one before it is asked for, too. Never rejects.
 */
export async function eventsBehind(options: BehindOptions): Promise<Behind | undefined> {
  const { chains } = options.journal
  const asked = chains.slice(LOSSES.has(chains.at(-1)?.opening.reason) ? -2 : -1)
  const found = await Promise.all(asked.map((chain) => behindEnd(chain, options)))
  return found.findLast((behind) => behind !== undefined)
}

async function behindEnd(chain: Chain, { journal, signer, ...asked }: BehindOptions): Promise<Behind | undefined> {
  const source = sourceOf(journal, signer, chain)
  const { seq } = source.head()
  const chains = [{ ...source.chain, last: seq }]
  const reports = await collectTargetReports({ ...asked, chains, firstLimitMs: LIMIT_MS })
  let most: Behind | undefined
  for (const { target, epochs } of reports)
    for (const signed of epochs.flatMap((held) => held.signed)) {
      const proven = await proofOf(source, seq + 1, signed)
      if (proven === undefined || proven.seq - seq <= (most?.told.shown ?? 0)) continue
      const told = { target, proof: { target, ...headProof(proven) }, shown: proven.seq - seq }
      most = { chainId: chain.chainId, told }
    }
  return most
}
