import type { RtBaseline, RtDocument } from '../ports/rt-printer.ts'
import { totalOf } from '../rt/amounts.ts'
import { markerOf } from '../rt/memory-search.ts'
import type { MemoryText } from '../rt/memory-text.ts'
import { isAfter } from '../rt/memory-text.ts'
import type { RtCounters } from '../rt/unit.ts'
import { parseDayCounters } from './replies.ts'

/**
 * The memory with the kind of its one document since the baseline as the counters of the day (1115) have it: no layout of
 * the memory is published, and a return under other words would pass for a sale. A document whose kind only the counters
 * show is ours if its sum is; a void has been asked for before (7101).
 */
export function countedText(text: MemoryText, document: RtDocument, baseline: RtBaseline, now: RtCounters): MemoryText {
  const [one, ...others] = text.documents.filter((each) => isAfter(each, baseline))
  const moved = movedSince(baseline, now)
  if (one === undefined || others.length > 0 || moved === undefined) return text
  const { kind, returnedCents } = moved
  if (kind === undefined || kind === one.kind) return text
  const original = document.kind === 'void' ? document.original : one.original
  const isOurs = document.kind === 'return' && kind === 'return' && returnedCents === totalOf(document)
  const marker = isOurs ? markerOf(document.reference) : undefined
  const isUnnamed = marker !== undefined && !one.texts.includes(marker)
  const counted = { ...one, kind, original, ...(isUnnamed && { texts: [...one.texts, marker], certain: false }) }
  return { ...text, documents: text.documents.map((each) => (each === one ? counted : each)) }
}

/** True if the counters show a void since the baseline, in its period. */
export function hasVoidSince(baseline: RtBaseline, now: RtCounters): boolean {
  return (movedSince(baseline, now)?.voids ?? 0) > 0
}

/** `kind`: the one whose counter alone moved, by one. Undefined in another period, or for a baseline without counters. */
function movedSince(baseline: RtBaseline, now: RtCounters) {
  const [before, after] = [baseline, now].map(({ day_counters: text = '' }) => parseDayCounters(text))
  if (before === undefined || after === undefined || now.z !== baseline.z) return undefined
  const sales = after.receipts.count - before.receipts.count + after.creditNotes.count - before.creditNotes.count
  const [returns, voids] = [after.returns.count - before.returns.count, after.voids.count - before.voids.count]
  const isOne = sales + returns + voids === 1
  const kinds = { sale: sales, return: returns, void: voids }
  const kind = isOne ? (['sale', 'return', 'void'] as const).find((each) => kinds[each] === 1) : undefined
  return { kind, voids, returnedCents: after.returns.cents - before.returns.cents }
}
