import type { JournalReport } from '../../journal/verify/journal.ts'
import type { SuspectSpan } from '../../journal/verify/suspect-spans.ts'
import { minuteOf } from './note-words.ts'
import { nameIn } from './outage-words.ts'
import type { Installation } from './procedure.ts'
import { filled } from './report-language.ts'
import { REPORT_TEXTS } from './report-texts.ts'
import { mainWords, numberedOf } from './report-words.ts'

/** A sentence for each time span with a wrong clock: information, not a fault of the records. */
export function clockNotes(
  { suspect, suspectCount }: Pick<JournalReport, 'suspect' | 'suspectCount'>,
  { registers }: Pick<Installation, 'registers'>,
): string[] {
  const nameOf = nameIn({ registers })
  const words = mainWords({ registers })
  const texts = REPORT_TEXTS[words.language]
  const [, receipts] = numberedOf(words)
  const notes = suspect.map((span) => {
    const numbers = numbersOf(span, nameOf, texts.numbers)
    const { fromSeq: first, toSeq: last, isAhead } = span
    return filled(texts.clock, {
      ...{ from: minuteOf(span.from), to: minuteOf(span.to), first, last, way: isAhead ? texts.ahead : texts.back },
      effect: filled(numbers === '' ? texts.untouched : texts.suspect, { receipts, numbers }),
    })
  })
  const more = suspectCount - suspect.length
  return more === 0 ? notes : [...notes, filled(texts.moreClocks, { count: more })]
}

/** `12 bis 19 (Kasse 1), 4 (Kasse 2)` */
function numbersOf({ receipts }: SuspectSpan, nameOf: (register: string) => string, range: string): string {
  return receipts
    .map(({ register, first, last }) => {
      const numbers = first === last ? String(first) : filled(range, { first, last })
      return `${numbers} (${nameOf(register)})`
    })
    .join(', ')
}
