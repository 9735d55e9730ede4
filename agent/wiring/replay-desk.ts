import type { Json } from '../../base/canonical.ts'
import { FiskalError } from '../errors.ts'
import type { Journal } from '../journal/journal.ts'
import type { Administration } from '../till/administration.ts'
import type { Outward } from './outward.ts'

type Parts = { journal: Pick<Journal, 'record'>; outward: () => Outward }

/** What a technician does about the targets of the replay. */
export function replayDesk({
  journal,
  outward,
}: Parts): Pick<Administration, 'syncStatus' | 'resumeSync' | 'dismissSync'> {
  const find = (target: string) => {
    const found = outward().replay.replayOf(target)
    if (found !== undefined) return found
    const message = `There is no target ${target} at work: "sync" names the targets, and the agent must run.`
    throw new FiskalError('not_found', message, { resource: 'sync_target' })
  }
  return {
    syncStatus: () => outward().sync() as readonly Json[],
    resumeSync: async (target) => {
      await find(target).resume()
      return { target, resumed: true }
    },
    dismissSync: async (target, reason) => {
      const found = find(target)
      const epochs = found.stranded().map(({ chainId, epoch, ackedSeq, events, halt }) => ({
        ...{ chain: chainId, epoch, acked_seq: ackedSeq, events, code: halt.code },
        // What both sides said, as it was received: JSON.
        evidence: (halt.evidence ?? {}) as { readonly [member: string]: Json },
      }))
      if (epochs.length === 0) {
        const message = `${target} lacks nothing of an ended epoch: there is nothing to dismiss.`
        throw new FiskalError('unprocessable_entity', message, { target })
      }
      // In the journal first: that a person has decided so is the evidence that must not be lost.
      const facts = { target, reason, epochs }
      await journal.record(() => [{ kind: 'sync.dismissed', op: '', body: { facts } }])
      await found.dismissStranded()
      return facts
    },
  }
}
