import { setImmediate } from 'node:timers/promises'
import type { Journal } from '../../journal/journal.ts'

/** What is read of the journal in portions, between the requests of tills. */
export function sourceOf(journal: Journal) {
  return { view: journal.view, headSeq: () => journal.headSeq, pause: () => setImmediate() }
}
