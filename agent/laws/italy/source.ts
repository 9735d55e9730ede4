import { setImmediate } from 'node:timers/promises'
import type { Journal } from '../../journal/journal.ts'

/** Reads the journal in portions, between the requests of tills. */
export function sourceOf(journal: Journal) {
  return { view: journal.view, headSeq: () => journal.headSeq, pause: () => setImmediate() }
}
