import type { RtBaseline, RtDocument } from '../ports/rt-printer.ts'
import { totalOf } from '../rt/amounts.ts'
import { markerOf } from '../rt/memory-search.ts'
import type { MemoryText } from '../rt/memory-text.ts'
import { isAfter } from '../rt/memory-text.ts'
import type { DayCounters } from './replies.ts'
import { parseDayCounters } from './replies.ts'

type Now = { z: number; day: DayCounters }

/**
 * The memory with the kind of its one document since the baseline as the counters of the day (1115) have it: no layout of
 * the memory is published, and a return under other words would pass for a sale. A document whose kind only the counters
 * show is ours if its sum is; a void has been asked for before (7101).
 */
export function countedText(text: MemoryText, document: RtDocument, baseline: RtBaseline, now: Now): MemoryText {
  const [one, ...others] = text.documents.filter((each) => isAfter(each, baseline))
  const before = parseDayCounters(baseline.day_counters ?? '')
  if (one === undefined || others.length > 0 || before === undefined || now.z !== baseline.z) return text
  const kind = movedSince(before, now.day)
  if (kind === undefined || kind === one.kind) return text
  const original = document.kind === 'void' ? document.original : one.original
  const isSum = now.day.returns.cents - before.returns.cents === totalOf(document)
  const marked = document.kind === 'return' && kind === 'return' && isSum ? [markerOf(document.reference)] : []
  const isUnnamed = marked.length > 0 && !one.texts.includes(marked[0] ?? '')
  const counted = { ...one, kind, original, texts: [...one.texts, ...marked], ...(isUnnamed && { certain: false }) }
  return { ...text, documents: text.documents.map((each) => (each === one ? counted : each)) }
}

/** True if the counters show a void since the baseline, in its period. */
export function hasVoidSince(baseline: RtBaseline, { z, day }: Now): boolean {
  const before = parseDayCounters(baseline.day_counters ?? '')
  return before !== undefined && z === baseline.z && day.voids.count > before.voids.count
}

/** The kind whose counter alone moved, by one. */
function movedSince(before: DayCounters, now: DayCounters): 'sale' | 'return' | 'void' | undefined {
  const sales = now.receipts.count - before.receipts.count + now.creditNotes.count - before.creditNotes.count
  const [returns, voids] = [now.returns.count - before.returns.count, now.voids.count - before.voids.count]
  if (sales + returns + voids !== 1) return undefined
  return voids === 1 ? 'void' : returns === 1 ? 'return' : sales === 1 ? 'sale' : undefined
}
