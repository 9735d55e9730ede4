import { parseRfc3339 } from '../../../base/clock.ts'
import type { Tse } from '../../../drivers/ports/tse.ts'
import { newestNaming } from '../../devices/journalled-numbers.ts'
import { lostEnds } from '../../devices/lost-ends.ts'
import { lostTransactions } from '../../devices/lost-transactions.ts'
import { bodyOf } from '../../journal/events.ts'
import type { Journal } from '../../journal/journal.ts'
import type { View } from '../../journal/projections/view.ts'
import type { HeldAfter } from '../../journal/put-back.ts'
import { asidesOf, countIn } from '../../journal/set-aside.ts'
import type { LawRules } from '../../laws/law.ts'
import { judgedLoss } from './adoption.ts'

/** `held`: what a target proved when the agent asked. */
type Ahead = { device: string; tse: Pick<Tse, 'recall' | 'identity'>; held: HeldAfter | undefined }

/**
 * A TSE is ahead of the journal without a restore, e.g. after a rollback of the disk: an epoch begins that records where the
 * loss begins, unless the numbers of its receipts were set aside since its last one. A person takes it over. True if an
 * epoch began. Throws DeviceError.
 */
export async function recordAhead(
  journal: Journal,
  laws: readonly LawRules[],
  { device, tse, held }: Ahead,
): Promise<boolean> {
  const lost = await lostTransactions(journal.view, () => journal.headSeq, device, tse)
  const identity = await tse.identity()
  const judged = await Promise.all(lost.map((loss) => judgedLoss(laws, journal.view, loss, identity)))
  const bons = judged.filter(({ bon }) => bon !== undefined)
  if (bons.length === 0) return false
  const ended = await lostEnds(journal.view, device, tse)
  const { view } = journal
  // The journal gets the outcome of an act that runs, or that a crash interrupted.
  const acting = new Set(view.everyIntent().map(({ seq }) => view.bodyAt(seq).act?.['transaction']))
  const found = [...bons, ...ended.filter(({ number }) => !acting.has(number))].map(({ register }) => register)
  const since = lastSeqOf(view, journal.headSeq, device)
  const counts = [...new Set(found)].map((register) => ({
    register,
    count: found.filter((other) => other === register).length,
  }))
  const isNoted = journal.chains.some(({ base, opening }) => opening.device === device && base >= since)
  if (isNoted || counts.every(({ register, count }) => asideSince(view, register, since) >= count)) return false
  const begins = bons.map(({ recall: { start, finish } }) => (start ?? finish)?.logTimeMs ?? 0)
  const kept = lastBefore(view, since, Math.min(...begins))
  const shown = Math.max(...counts.map(({ count }) => count))
  const { proven } = held?.chainId === journal.chain ? held : { proven: undefined }
  const most = Math.max(shown, proven === undefined ? 0 : journal.headSeq + proven.shown - kept)
  await journal.beginEpoch({ reason: 'rollback', device, ...proven, kept, shown: most })
  return true
}

function asideSince(view: View, register: string, since: number): number {
  return countIn(asidesOf(view, register).filter(({ kind, seq }) => kind === 'bon' && seq > since))
}

/** The newest event with a transaction of the device: later numbers were set aside for what it is ahead by now. */
function lastSeqOf(view: View, headSeq: number, device: string): number {
  for (const event of newestNaming(view, device, headSeq))
    if (bodyOf(event).transaction?.device === device) return event.seq
  return 0
}

const PORTION = 256

/**
 * The last event after `since` that was written before that time: receipts without a signature before the first lost log
 * are not lost. A wrong clock says nothing about its events.
 */
function lastBefore(view: View, since: number, timeMs: number): number {
  for (let last = since; ; ) {
    const events = view.portionAfter(last, PORTION)
    for (const event of events) {
      const isBefore = (parseRfc3339(event.at) ?? timeMs) < timeMs && bodyOf(event).clock !== 'suspect'
      if (!isBefore) return last
      last = event.seq
    }
    if (events.length === 0) return last
  }
}
