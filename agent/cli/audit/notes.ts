import { counted } from '../../../base/text.ts'
import type { UnsoldWords } from '../../laws/audit-rules.ts'
import type { AuditNotes, IssuedCounts, UnclosedSession } from '../../till/administration.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart } from './audit-part.ts'
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

type Receipt = UnsoldWords['receipt']

/** Not remembered as a finding: the next close resolves it, and the doctor warns of old sessions. */
export const SESSION_OPEN = 'session_open'

/** Facts that the files do not show. `receipt`: the word of the law. Only sessions without a closing are faults: other bons get into the next closing. */
export function notedParts(notes: AuditNotes, receipt: Receipt): AuditPart[] {
  const { posted_elsewhere: elsewhere, online, returned_beyond_sale: beyond, drawer_below_zero: drawers } = notes
  const { corrected_counts: corrections, interim_counts: interim, voucher_beyond_sale: vouchers } = notes
  const noted = (name: string, summary: string, findings: readonly string[]): AuditPart[] =>
    findings.length === 0 ? [] : [auditPart('note', name, summary, findings)]
  return [
    ...unclosedPart(notes.left_out, receipt, ', nicht im DSFinV-K-Paket'),
    ...noted(
      'Andere Geschäftstage',
      `${counted(elsewhere.length, 'Sitzung', 'Sitzungen')} des Zeitraums, außerhalb davon gebucht`,
      elsewhere.map(elsewhereWords),
    ),
    ...unclosedPart(notes.open_sessions, receipt),
    ...noted(
      'Ohne Kassenabschluss',
      'Bons außerhalb einer Sitzung, im nächsten Kassenabschluss enthalten',
      notes.waiting_bons.map(waitingWords),
    ),
    ...(online.operations === 0 ? [] : [onlinePart(online)]),
    ...noted(
      'Rückgaben',
      `mehr zurückgegeben als verkauft: ${counted(beyond.length, 'Verkauf', 'Verkäufe')} (returned_beyond_sale)`,
      beyond.map(beyondWords),
    ),
    ...noted(
      'Kassenbestand',
      `Soll-Bestand unter null: ${counted(drawers.length, 'Sitzung', 'Sitzungen')} (drawer_below_zero)`,
      drawers.map(drawerWords),
    ),
    ...noted(
      'Kassenstürze',
      `berichtigt: ${counted(corrections.length, 'Kassensturz', 'Kassenstürze')}`,
      corrections.map(correctionWords),
    ),
    // Nothing is signed or booked by one.
    ...noted(
      'Kassenstürze in der Schicht',
      `${counted(interim.length, 'Kassensturz', 'Kassenstürze')}, nicht gebucht`,
      interim.map(countWords),
    ),
    ...noted(
      'Gutscheine',
      `mehr eingelöst als aufgeladen: ${counted(vouchers.length, 'Gutschein', 'Gutscheine')} (voucher_beyond_sale)`,
      vouchers.map(voucherWords),
    ),
    ...issuedPart(notes.issued),
    // Neither wrong nor odd: a deposit is open until the goods are handed over, a table until it is billed.
    ...noted('Offene Posten', openSummary(notes), [
      ...notes.unsettled.map(unsettledWords),
      ...notes.open_operations.map(begunWords),
      ...notes.open_groups.map(groupWords),
    ]),
  ]
}

const ISSUED_WORDS = {
  paper: 'auf Papier',
  digital: 'digital',
  paper_and_digital: 'auf Papier und digital',
  e_invoice: 'als E-Rechnung',
  none: 'nicht entgegengenommen',
  unsaid: 'ohne Angabe',
} as const satisfies { [As in keyof IssuedCounts]: string }

/** Nothing for a shop whose tills never say it. */
function issuedPart({ unsaid, ...said }: IssuedCounts): AuditPart[] {
  const all = Object.entries({ ...said, unsaid }) as [keyof IssuedCounts, number][]
  if (Object.values(said).every((count) => count === 0)) return []
  const summary = all.flatMap(([as, count]) => (count === 0 ? [] : [`${count} ${ISSUED_WORDS[as]}`])).join(', ')
  return [auditPart('note', 'Belegausgabe', summary)]
}

function unclosedPart(sessions: readonly UnclosedSession[], receipt: Receipt, where = ''): AuditPart[] {
  if (sessions.length === 0) return []
  const summary = `${counted(sessions.length, 'Sitzung', 'Sitzungen')} ohne Kassenabschluss${where}`
  const findings = sessions.map(
    ({ register_id: register, session_id: session, opened_at: opened, bons, total_amount: total }) =>
      `Kasse ${register} ist seit ${minuteOf(opened)} nicht abgeschlossen: ${counted(bons, ...receipt)}, ${euros(total)}; ${session}. (session_open)`,
  )
  const codes = sessions.map(({ register_id: register, seq }) => ({
    code: SESSION_OPEN,
    level: 'error' as const,
    register,
    seq,
  }))
  return [auditPart('fault', 'Kassensitzungen', summary, findings, { codes })]
}

/** Each New Year's Eve of a bar is one. */
function elsewhereWords(session: AuditNotes['posted_elsewhere'][number]): string {
  const { register_id: register, session_id: id, z_number: z, business_date: date, opened_at: opened } = session
  return `Kasse ${register}, Z-Nr. ${z}: geöffnet ${minuteOf(opened)}, Geschäftstag ${date}; ${counted(session.bons, 'Bon', 'Bons')}, ${euros(session.total_amount)}; ${id}`
}

function waitingWords({ register_id: register, bons }: AuditNotes['waiting_bons'][number]): string {
  return `Kasse ${register}: ${counted(bons, 'Bon', 'Bons')}`
}

function onlinePart({ operations, total_amount: total }: AuditNotes['online']): AuditPart {
  const many = counted(operations, 'Vorgang', 'Vorgänge')
  return auditPart(
    'note',
    'Online-Verkäufe',
    `${many}, ${euros(total)}: nicht an einer Kasse und nicht im DSFinV-K-Paket`,
  )
}
