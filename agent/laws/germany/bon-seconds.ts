import { PLAUSIBLE_MS, parseRfc3339 } from '../../../base/clock.ts'
import type { BonSeconds } from '../../../verify/dsfinvk/bon-table.ts'
import type { TransactionFacts } from '../../journal/transaction-facts.ts'
import type { BonDocument } from './bon-document.ts'
import { occurredMsOf } from './drawer-opening.ts'
import { bonEndMs } from './dsfinvk/bon-end.ts'
import { isOurs } from './ours.ts'
import { stateOf } from './state.ts'

/** The times that the bon of a document must have; `numberedMs`: when it got its receipt number. */
export function secondsOfDocument(document: BonDocument, numberedMs: number): BonSeconds {
  const { signed, transaction } = stateOf(document)
  const facts = isOurs(signed) ? signed : undefined
  // A drawer opening has the time of the till.
  const occurredMs = occurredMsOf(document)
  const startMs = occurredMs ?? msOf(document.shown.created_at)
  return seconds({
    startMs,
    endMs: occurredMs ?? bonEndMs(document, numberedMs),
    tseStartMs: msOf(facts?.start_event.signed_at ?? transaction?.started_at),
    tseEndMs: msOf(facts?.end_event.signed_at),
  })
}

/** The same for a transaction without a document: lost before a restore, or ended as aborted. */
export function secondsOfTransaction(kind: string, facts: TransactionFacts, numberedMs: number): BonSeconds {
  if (kind !== 'transaction.lost') {
    const tseStartMs = facts.started_ms ?? 0
    return seconds({ startMs: tseStartMs, endMs: numberedMs, tseStartMs, tseEndMs: facts.time_ms ?? 0 })
  }
  const [tseStartMs, tseEndMs] = [msOf(facts.started?.log_time), msOf(facts.finished?.log_time)]
  return seconds({ startMs: tseStartMs, endMs: tseEndMs, tseStartMs, tseEndMs })
}

type Times = { startMs: number; endMs: number; tseStartMs: number; tseEndMs: number }

/** An end before its start is moved to the start (DSFinV-K § 4.2). */
function seconds({ startMs, endMs, tseStartMs, tseEndMs }: Times): BonSeconds {
  const end = plausibleSecond(endMs)
  return {
    start: plausibleSecond(startMs),
    end: end === 0 ? 0 : plausibleSecond(Math.max(startMs, endMs)),
    tseStart: plausibleSecond(tseStartMs),
    tseEnd: plausibleSecond(tseEndMs),
  }
}

/** 0 if the clock had lost its time. The package has another time then, which is not compared with this one. */
export function plausibleSecond(ms: number): number {
  return ms < PLAUSIBLE_MS ? 0 : Math.floor(ms / 1000)
}

function msOf(time: string | undefined): number {
  return parseRfc3339(time ?? '') ?? 0
}
