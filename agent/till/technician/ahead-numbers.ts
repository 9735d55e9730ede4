import type { Tse } from '../../../drivers/ports/tse.ts'
import { newestNaming } from '../../devices/journalled-numbers.ts'
import { lostEnds } from '../../devices/lost-ends.ts'
import { lostTransactions } from '../../devices/lost-transactions.ts'
import { bodyOf } from '../../journal/events.ts'
import type { Journal } from '../../journal/journal.ts'
import type { View } from '../../journal/projections/view.ts'
import { asidesOf, countIn, nextOf, setAside } from '../../journal/set-aside.ts'
import type { LawRules } from '../../laws/law.ts'
import { judgedLoss } from './adoption.ts'

/**
 * A TSE is ahead of the journal without a restore, e.g. after a rollback of the disk: a person takes it over, and until
 * then no number that the lost receipts and closings may have is given. Those that are set aside already count. Throws
 * DeviceError.
 */
export async function setAsideAhead(
  journal: Journal,
  laws: readonly LawRules[],
  device: string,
  tse: Pick<Tse, 'recall' | 'identity'>,
): Promise<void> {
  const lost = await lostTransactions(journal.view, () => journal.headSeq, device, tse)
  const identity = await tse.identity()
  const judged = await Promise.all(lost.map((loss) => judgedLoss(laws, journal.view, loss, identity)))
  const bons = judged.filter(({ bon }) => bon !== undefined)
  if (bons.length === 0) return
  const ended = await lostEnds(journal.view, device, tse)
  await journal.commit('outcome', (view) => {
    const since = lastSeqOf(view, journal.headSeq, device)
    // The journal gets the outcome of an act that runs, or that a crash interrupted.
    const acting = new Set(view.everyIntent().map(({ seq }) => view.bodyAt(seq).act?.['transaction']))
    const ends = ended.filter(({ number }) => !acting.has(number))
    const events = [...new Set([...bons, ...ends].map(({ register }) => register))].flatMap((register) => {
      const own = bons.filter((loss) => loss.register === register)
      const counts = own.filter(({ bon }) => bon?.isMaybeCount === true)
      const lost = own.length + ends.filter((end) => end.register === register).length
      const aheadBy = { register, bon: lost, z: counts.length }
      return (['bon', 'z'] as const).flatMap((kind) => asideFor(view, aheadBy, kind, since))
    })
    return { events, result: undefined }
  })
}

function asideFor(
  view: View,
  aheadBy: { register: string; bon: number; z: number },
  kind: 'bon' | 'z',
  since: number,
): ReturnType<typeof setAside>[] {
  const { register } = aheadBy
  const recorded = asidesOf(view, register).filter((aside) => aside.kind === kind && aside.seq > since)
  const missing = aheadBy[kind] - countIn(recorded)
  if (missing <= 0) return []
  const from = nextOf(view, register, kind)
  return [setAside({ register, kind, from, to: from + missing - 1 }, 'tse_ahead')]
}

/** The newest event with a transaction of the device: later numbers were set aside for what it is ahead by now. */
function lastSeqOf(view: View, headSeq: number, device: string): number {
  for (const event of newestNaming(view, device, headSeq))
    if (bodyOf(event).transaction?.device === device) return event.seq
  return 0
}
