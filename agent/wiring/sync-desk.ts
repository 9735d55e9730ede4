import type { Json } from '../../base/canonical.ts'
import { FiskalError } from '../errors.ts'
import type { Journal } from '../journal/journal.ts'
import type { Administration } from '../till/administration.ts'
import type { Sync } from './sync.ts'

type Parts = { journal: Pick<Journal, 'record'>; sync: () => Sync }

/** The technician's acts on sync targets. */
export function syncDesk({ journal, sync }: Parts): Pick<Administration, 'syncStatus' | 'resumeSync' | 'dismissSync'> {
  const find = (target: string) => {
    const targetSync = sync().targetSync.syncOf(target)
    if (targetSync !== undefined) return targetSync
    const message = `No sync target ${target} is running: "sync" names the targets, and the agent must run.`
    throw new FiskalError('not_found', message, { resource: 'sync_target' })
  }
  return {
    syncStatus: () => sync().status() as readonly Json[],
    resumeSync: async (target) => {
      await find(target).resume()
      return { target, resumed: true }
    },
    dismissSync: async (target, reason) => {
      const targetSync = find(target)
      const epochs = targetSync.stranded().map(({ chainId, epoch, ackedSeq, events, halt }) => ({
        chain: chainId,
        epoch,
        acked_seq: ackedSeq,
        events,
        code: halt.code,
        // The statements of both sides, as received: JSON.
        evidence: (halt.evidence ?? {}) as { readonly [member: string]: Json },
      }))
      if (epochs.length === 0) {
        const message = `${target} misses no events of an ended epoch: there is nothing to dismiss.`
        throw new FiskalError('unprocessable_entity', message, { target })
      }
      // In the journal first: the decision of a person is evidence that must not be lost.
      const facts = { target, reason, epochs }
      await journal.record(() => [{ kind: 'sync.dismissed', op: '', body: { facts } }])
      await targetSync.dismissStranded()
      return facts
    },
  }
}
