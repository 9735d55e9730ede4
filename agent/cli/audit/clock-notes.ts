import type { JournalReport } from '../../journal/verify/journal.ts'
import type { SuspectSpan } from '../../journal/verify/suspect-spans.ts'
import { nameIn } from './outage-words.ts'
import type { Installation } from './procedure.ts'
import { mainWords, numberedOf } from './report-words.ts'

/** A sentence for each time span with a wrong clock: information, not a fault of the records. */
export function clockNotes(
  { suspect, suspectCount }: Pick<JournalReport, 'suspect' | 'suspectCount'>,
  { registers }: Pick<Installation, 'registers'>,
): string[] {
  const nameOf = nameIn({ registers })
  const [, receipts] = numberedOf(mainWords({ registers }))
  const notes = suspect.map((span) => {
    const bons = bonsOf(span, nameOf)
    const effect =
      bons === '' ? `${receipts} sind nicht betroffen` : `die Zeiten der ${receipts} ${bons} sind verdächtig`
    return `Hinweis: Die Uhr war vom ${span.from} bis ${span.to} unplausibel (ging ${span.isAhead ? 'vor' : 'zurück'}); ${effect}. Ereignisse ${span.fromSeq} bis ${span.toSeq}. (clock_suspect)`
  })
  const more = suspectCount - suspect.length
  return more === 0 ? notes : [...notes, `Hinweis: und ${more} weitere Male. (clock_suspect)`]
}

/** `12 bis 19 (Kasse 1), 4 (Kasse 2)` */
function bonsOf({ receipts }: SuspectSpan, nameOf: (register: string) => string): string {
  return receipts
    .map(({ register, first, last }) => {
      const numbers = first === last ? String(first) : `${first} bis ${last}`
      return `${numbers} (${nameOf(register)})`
    })
    .join(', ')
}
