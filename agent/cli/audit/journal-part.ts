import { describeBooks } from '../../journal/books/findings.ts'
import { headText } from '../../journal/chain.ts'
import type { JournalReport } from '../../journal/verify/journal.ts'
import { LAW_BOOKS } from '../../laws/law-books.ts'
import type { AuditPart } from './report.ts'

export const JOURNAL_PART = 'Journal'

type Finding = JournalReport['findings'][number]

/** The part for the verification of the journal. Its notes are objections in this report; `clockNotes` are not. */
export function journalPart(
  { valid, events, head, findings, notes, codes }: JournalReport,
  clockNotes: readonly string[],
): AuditPart {
  const ofChain = findings.filter(({ part }) => part !== 'books' && part !== 'projection')
  const ofBooks = codes.flatMap((finding) => ('facts' in finding ? [describeBooks(finding, 'de', LAW_BOOKS)] : []))
  return {
    name: JOURNAL_PART,
    valid: valid && notes.length === 0,
    summary: `${events} Ereignisse, Kette und Prüfpunkte, Kopf ${head}`,
    findings: [...ofChain.map(errorText), ...ofBooks, ...notes.map(noteText), ...clockNotes],
    codes,
  }
}

/** The journal head as Z reports print it; undefined without events. */
export function headOf({ lastSeq, head }: Pick<JournalReport, 'lastSeq' | 'head'>): string | undefined {
  return lastSeq === 0 ? undefined : headText(lastSeq, Buffer.from(head, 'base64url'))
}

function errorText({ part, seq, last, what, code }: Finding): string {
  if (code === 'head_unsigned' && last !== undefined)
    return `Ereignisse ${seq} bis ${last} tragen keinen Prüfpunkt. (${code})`
  return `${part}, seq ${seq}: ${what}${code === undefined ? '' : ` (${code})`}`
}

function noteText({ seq, last, what, code }: Finding): string {
  return last === undefined
    ? `Ereignis ${seq}: ${what} (${code})`
    : `Das Journal wurde ohne Prüfpunkt fortgeführt: Ereignisse ${seq} bis ${last} trugen keinen. (${code})`
}
