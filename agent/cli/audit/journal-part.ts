import { headText } from '../../journal/chain.ts'
import type { JournalReport } from '../../journal/verify/journal.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart, bookWords } from './audit-part.ts'

export const JOURNAL_PART = 'Journal'

/** Notes about what the journal alone says, by the word of the shop. */
export const UNPROVEN: ReadonlySet<string> = new Set([
  'tse_rate_configured',
  'business_date_unproven',
  'duty_confirmed_by_relay',
])

/** A separate item under "Nicht belegt". */
export const UNREAD_DOCUMENT = 'rt_document_unread'

type Finding = JournalReport['findings'][number]

/** The part for the verification of the journal. Its notes are objections in this report; `clockNotes` are not. */
export function journalPart(
  { valid, events, checkpoints, findings, notes, codes }: JournalReport,
  clockNotes: readonly string[],
): AuditPart {
  const ofChain = findings.filter(({ part }) => part !== 'books' && part !== 'projection')
  const ofBooks = codes.filter((finding) => 'facts' in finding)
  const uncovered = bookWords(ofBooks.filter(({ code }) => UNPROVEN.has(code)))
  const named = bookWords(ofBooks.filter(({ code }) => !UNPROVEN.has(code) && code !== UNREAD_DOCUMENT))
  const state = valid && notes.length === 0 ? 'sound' : 'fault'
  const sentences = [...ofChain.map(errorText), ...named, ...notes.map(noteText), ...clockNotes]
  const summary = `${events} Ereignisse, ${checkpoints === 0 ? 'Kette' : 'Kette und Prüfpunkte'}`
  const more = { codes, ...(uncovered.length > 0 && { uncovered }) }
  return auditPart(state, JOURNAL_PART, summary, sentences, more)
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
