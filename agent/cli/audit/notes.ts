import { counted } from '../../../base/text.ts'
import type { UnsoldWords } from '../../laws/audit-rules.ts'
import type { AuditNotes, IssuedCounts, UnclosedSession } from '../../till/administration.ts'
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
import type { AuditPart } from './report.ts'

type Receipt = UnsoldWords['receipt']

/** Not remembered as a finding: the next close resolves it, and the doctor warns of old sessions. */
export const SESSION_OPEN = 'session_open'

/** Facts that the files do not show. `receipt`: the word of the law. Only sessions without a closing are faults: other bons get into the next closing. */
export function notedParts(notes: AuditNotes, receipt: Receipt): AuditPart[] {
  const { left_out: leftOut, posted_elsewhere: elsewhere, open_sessions: open, waiting_bons: waiting } = notes
  const { online, returned_beyond_sale: beyond, drawer_below_zero: drawers, voucher_beyond_sale: vouchers } = notes
  const { corrected_counts: corrections, interim_counts: noted } = notes
  return [
    ...(leftOut.length === 0 ? [] : [unclosedPart(leftOut, receipt, ', nicht im DSFinV-K-Paket')]),
    ...(elsewhere.length === 0 ? [] : [elsewherePart(elsewhere)]),
    ...(open.length === 0 ? [] : [unclosedPart(open, receipt)]),
    ...(waiting.length === 0 ? [] : [waitingPart(waiting)]),
    ...(online.operations === 0 ? [] : [onlinePart(online)]),
    ...(beyond.length === 0 ? [] : [beyondPart(beyond)]),
    ...(drawers.length === 0 ? [] : [drawerPart(drawers)]),
    ...(corrections.length === 0 ? [] : [correctedPart(corrections)]),
    ...(noted.length === 0 ? [] : [notedPart(noted)]),
    ...(vouchers.length === 0 ? [] : [voucherPart(vouchers)]),
    ...issuedPart(notes.issued),
    ...openPart(notes),
  ]
}

function beyondPart(beyond: AuditNotes['returned_beyond_sale']): AuditPart {
  return {
    name: 'Rückgaben',
    valid: true,
    note: true,
    summary: `mehr zurückgegeben als verkauft: ${counted(beyond.length, 'Verkauf', 'Verkäufe')} (returned_beyond_sale)`,
    findings: beyond.map(beyondWords),
  }
}

function drawerPart(drawers: AuditNotes['drawer_below_zero']): AuditPart {
  return {
    name: 'Kassenbestand',
    valid: true,
    note: true,
    summary: `Soll-Bestand unter null: ${counted(drawers.length, 'Sitzung', 'Sitzungen')} (drawer_below_zero)`,
    findings: drawers.map(drawerWords),
  }
}

function correctedPart(corrections: AuditNotes['corrected_counts']): AuditPart {
  return {
    name: 'Kassenstürze',
    valid: true,
    note: true,
    summary: `berichtigt: ${counted(corrections.length, 'Kassensturz', 'Kassenstürze')}`,
    findings: corrections.map(correctionWords),
  }
}

/** Nothing is signed or booked by one. */
function notedPart(noted: AuditNotes['interim_counts']): AuditPart {
  return {
    name: 'Kassenstürze in der Schicht',
    valid: true,
    note: true,
    summary: `${counted(noted.length, 'Kassensturz', 'Kassenstürze')}, nicht gebucht`,
    findings: noted.map(countWords),
  }
}

function voucherPart(vouchers: AuditNotes['voucher_beyond_sale']): AuditPart {
  return {
    name: 'Gutscheine',
    valid: true,
    note: true,
    summary: `mehr eingelöst als aufgeladen: ${counted(vouchers.length, 'Gutschein', 'Gutscheine')} (voucher_beyond_sale)`,
    findings: vouchers.map(voucherWords),
  }
}

const ISSUED_WORDS = {
  paper: 'auf Papier',
  digital: 'digital',
  paper_and_digital: 'auf Papier und digital',
  none: 'nicht entgegengenommen',
  unsaid: 'ohne Angabe',
} as const satisfies { [As in keyof IssuedCounts]: string }

/** Nothing for a shop whose tills never say it. */
function issuedPart({ unsaid, ...said }: IssuedCounts): AuditPart[] {
  const all = Object.entries({ ...said, unsaid }) as [keyof IssuedCounts, number][]
  if (Object.values(said).every((count) => count === 0)) return []
  const summary = all.flatMap(([as, count]) => (count === 0 ? [] : [`${count} ${ISSUED_WORDS[as]}`])).join(', ')
  return [{ name: 'Belegausgabe', valid: true, note: true, summary, findings: [] }]
}

/** Neither wrong nor odd: a deposit is open until the goods are handed over, a table until it is billed. */
function openPart({ unsettled, open_operations: begun, open_groups: groups }: AuditNotes): AuditPart[] {
  const findings = [...unsettled.map(unsettledWords), ...begun.map(begunWords), ...groups.map(groupWords)]
  const summary = openSummary({ unsettled, open_operations: begun, open_groups: groups })
  return findings.length === 0 ? [] : [{ name: 'Offene Posten', valid: true, note: true, summary, findings }]
}

function unclosedPart(sessions: readonly UnclosedSession[], receipt: Receipt, where = ''): AuditPart {
  return {
    name: 'Kassensitzungen',
    valid: false,
    summary: `${counted(sessions.length, 'Sitzung', 'Sitzungen')} ohne Kassenabschluss${where}`,
    findings: sessions.map(
      ({ register_id: register, session_id: session, opened_at: opened, bons, total_amount: total }) =>
        `Kasse ${register} ist seit ${minuteOf(opened)} nicht abgeschlossen: ${counted(bons, ...receipt)}, ${euros(total)}; ${session}. (session_open)`,
    ),
    codes: sessions.map(({ register_id: register, seq }) => ({ code: SESSION_OPEN, level: 'error', register, seq })),
  }
}

/** Each New Year's Eve of a bar is one. */
function elsewherePart(sessions: AuditNotes['posted_elsewhere']): AuditPart {
  return {
    name: 'Andere Geschäftstage',
    valid: true,
    note: true,
    summary: `${counted(sessions.length, 'Sitzung', 'Sitzungen')} des Zeitraums, außerhalb davon gebucht`,
    findings: sessions.map(
      ({ register_id: register, session_id: session, z_number: z, business_date: date, opened_at: opened, ...sold }) =>
        `Kasse ${register}, Z-Nr. ${z}: geöffnet ${minuteOf(opened)}, Geschäftstag ${date}; ${counted(sold.bons, 'Bon', 'Bons')}, ${euros(sold.total_amount)}; ${session}`,
    ),
  }
}

function waitingPart(waiting: AuditNotes['waiting_bons']): AuditPart {
  return {
    name: 'Ohne Kassenabschluss',
    valid: true,
    note: true,
    summary: 'Bons außerhalb einer Sitzung, im nächsten Kassenabschluss enthalten',
    findings: waiting.map(({ register_id: register, bons }) => `Kasse ${register}: ${counted(bons, 'Bon', 'Bons')}`),
  }
}

function onlinePart({ operations, total_amount: total }: AuditNotes['online']): AuditPart {
  const many = counted(operations, 'Vorgang', 'Vorgänge')
  return {
    name: 'Online-Verkäufe',
    valid: true,
    note: true,
    summary: `${many}, ${euros(total)}: nicht an einer Kasse und nicht im DSFinV-K-Paket`,
    findings: [],
  }
}
