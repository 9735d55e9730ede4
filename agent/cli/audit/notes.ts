import { counted } from '../../../base/text.ts'
import type { UnsoldWords } from '../../laws/audit-rules.ts'
import type { AuditNotes, IssuedCounts, UnclosedSession } from '../../till/administration.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart } from './audit-part.ts'
import type { NoteTexts } from './note-texts.ts'
import { NOTE_TEXTS } from './note-texts.ts'
import {
  begunWords,
  beyondWords,
  correctionWords,
  countWords,
  drawerWords,
  euros,
  groupWords,
  minuteOf,
  openSummary,
  unsettledWords,
  voucherWords,
} from './note-words.ts'
import { filled } from './report-language.ts'
import { numberedOf } from './report-words.ts'
import { CHAPTER_TEXTS } from './unsold-texts.ts'

type Pair = readonly [string, string]
type Of = { readonly texts: NoteTexts; readonly receipt: Pair }

/** Not remembered as a finding: the next close resolves it, and the doctor warns of old sessions. */
export const SESSION_OPEN = 'session_open'

/** Facts that the files do not show. `words`: of the law. Only sessions without a closing are faults: other bons get into the next closing. */
export function notedParts(notes: AuditNotes, words: UnsoldWords): AuditPart[] {
  const { posted_elsewhere: elsewhere, online, returned_beyond_sale: beyond, drawer_below_zero: drawers } = notes
  const { corrected_counts: corrections, interim_counts: interim, voucher_beyond_sale: vouchers } = notes
  const texts = NOTE_TEXTS[words.language]
  const { operation, sale } = CHAPTER_TEXTS[words.language]
  const of: Of = { texts, receipt: numberedOf(words) }
  const noted = (name: string, summary: string, findings: readonly string[]): AuditPart[] =>
    findings.length === 0 ? [] : [auditPart('note', name, summary, findings)]
  const many = ([name, text]: Pair, noun: Pair, findings: readonly string[]): AuditPart[] =>
    noted(name, filled(text, { count: counted(findings.length, ...noun) }), findings)
  const said = <Note>(list: readonly Note[], words: (note: Note, texts: NoteTexts) => string): string[] =>
    list.map((note) => words(note, texts))
  return [
    ...unclosedPart(notes.left_out, of, ', nicht im DSFinV-K-Paket'),
    ...noted(
      'Andere Geschäftstage',
      `${counted(elsewhere.length, 'Sitzung', 'Sitzungen')} des Zeitraums, außerhalb davon gebucht`,
      elsewhere.map(elsewhereWords),
    ),
    ...unclosedPart(notes.open_sessions, of),
    ...noted(
      'Ohne Kassenabschluss',
      'Bons außerhalb einer Sitzung, im nächsten Kassenabschluss enthalten',
      notes.waiting_bons.map(waitingWords),
    ),
    ...(online.operations === 0 ? [] : [onlinePart(online, texts, operation)]),
    ...many(texts.returns, sale, said(beyond, beyondWords)),
    ...many(texts.drawers, texts.session, said(drawers, drawerWords)),
    ...many(texts.corrections, texts.count, said(corrections, correctionWords)),
    // Nothing is signed or booked by one.
    ...many(texts.interim, texts.count, said(interim, countWords)),
    ...many(texts.vouchers, texts.voucher, said(vouchers, voucherWords)),
    ...issuedPart(notes.issued, texts),
    // Neither wrong nor odd: a deposit is open until the goods are handed over, a table until it is billed.
    ...noted(texts.openItems, openSummary(notes, texts, operation), [
      ...said(notes.unsettled, unsettledWords),
      ...said(notes.open_operations, begunWords),
      ...said(notes.open_groups, groupWords),
    ]),
  ]
}

/** Nothing for a shop whose tills never say it. */
function issuedPart({ unsaid, ...said }: IssuedCounts, texts: NoteTexts): AuditPart[] {
  const all = Object.entries({ ...said, unsaid }) as [keyof IssuedCounts, number][]
  if (Object.values(said).every((count) => count === 0)) return []
  const summary = all.flatMap(([as, count]) => (count === 0 ? [] : [`${count} ${texts[as]}`])).join(', ')
  return [auditPart('note', texts.issued, summary)]
}

function unclosedPart(sessions: readonly UnclosedSession[], { texts, receipt }: Of, where = ''): AuditPart[] {
  if (sessions.length === 0) return []
  const summary = filled(texts.unclosed, { sessions: counted(sessions.length, ...texts.session) }) + where
  const findings = sessions.map(
    ({ register_id: register, session_id: session, opened_at, bons, total_amount: total }) =>
      filled(texts.open, {
        register,
        session,
        since: minuteOf(opened_at),
        acts: counted(bons, ...receipt),
        sum: euros(total),
      }),
  )
  const codes = sessions.map(({ register_id: register, seq }) => ({
    code: SESSION_OPEN,
    level: 'error' as const,
    register,
    seq,
  }))
  return [auditPart('fault', texts.sessions, summary, findings, { codes })]
}

/** Each New Year's Eve of a bar is one. */
function elsewhereWords(session: AuditNotes['posted_elsewhere'][number]): string {
  const { register_id: register, session_id: id, z_number: z, business_date: date, opened_at: opened } = session
  return `Kasse ${register}, Z-Nr. ${z}: geöffnet ${minuteOf(opened)}, Geschäftstag ${date}; ${counted(session.bons, 'Bon', 'Bons')}, ${euros(session.total_amount)}; ${id}`
}

function waitingWords({ register_id: register, bons }: AuditNotes['waiting_bons'][number]): string {
  return `Kasse ${register}: ${counted(bons, 'Bon', 'Bons')}`
}

function onlinePart(
  { operations, total_amount: total }: AuditNotes['online'],
  { online: [name, summary] }: NoteTexts,
  operation: Pair,
): AuditPart {
  return auditPart('note', name, filled(summary, { acts: counted(operations, ...operation), sum: euros(total) }))
}
