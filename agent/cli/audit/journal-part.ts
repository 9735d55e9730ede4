import { headText } from '../../journal/chain.ts'
import type { JournalReport } from '../../journal/verify/journal.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart, bookWords } from './audit-part.ts'
import type { ReportLanguage } from './report-language.ts'
import { filled } from './report-language.ts'
import { REPORT_TEXTS } from './report-texts.ts'

/** Notes about what the journal alone says, by the word of the shop. */
export const UNPROVEN: ReadonlySet<string> = new Set([
  'tse_rate_configured',
  'business_date_unproven',
  'duty_confirmed_by_relay',
])

/** A separate item under "Nicht belegt". */
export const UNREAD_DOCUMENT = 'rt_document_unread'

type Finding = JournalReport['findings'][number]
type Texts = (typeof REPORT_TEXTS)[ReportLanguage]

/** The part for the verification of the journal. Its notes are objections in this report; `clockNotes` are not. */
export function journalPart(
  { valid, events, checkpoints, findings, notes, codes }: JournalReport,
  clockNotes: readonly string[],
  language: ReportLanguage,
): AuditPart {
  const texts = REPORT_TEXTS[language]
  const ofChain = findings.filter(({ part }) => part !== 'books' && part !== 'projection')
  const ofBooks = codes.filter((finding) => 'facts' in finding)
  const uncovered = bookWords(
    ofBooks.filter(({ code }) => UNPROVEN.has(code)),
    language,
  )
  const named = bookWords(
    ofBooks.filter(({ code }) => !UNPROVEN.has(code) && code !== UNREAD_DOCUMENT),
    language,
  )
  const state = valid && notes.length === 0 ? 'sound' : 'fault'
  const sentences = [
    ...ofChain.map((finding) => errorText(finding, texts)),
    ...named,
    ...notes.map((note) => noteText(note, texts)),
    ...clockNotes,
  ]
  const summary = filled(texts.journalSummary[checkpoints === 0 ? 0 : 1], { events })
  const more = { codes, ...(uncovered.length > 0 && { uncovered }) }
  return auditPart(state, texts.journalPart, summary, sentences, more)
}

/** The journal head as Z reports print it; undefined without events. */
export function headOf({ lastSeq, head }: Pick<JournalReport, 'lastSeq' | 'head'>): string | undefined {
  return lastSeq === 0 ? undefined : headText(lastSeq, Buffer.from(head, 'base64url'))
}

function errorText({ part, seq, last, what, code }: Finding, texts: Texts): string {
  if (code === 'head_unsigned' && last !== undefined) return filled(texts.unsigned, { seq, last, code })
  return `${part}, seq ${seq}: ${what}${code === undefined ? '' : ` (${code})`}`
}

function noteText({ seq, last = 0, what, code = '' }: Finding, texts: Texts): string {
  return filled(last === 0 ? texts.event : texts.continued, { seq, last, what, code })
}
