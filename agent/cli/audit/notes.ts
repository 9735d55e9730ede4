import { localTime, parseRfc3339 } from '../../clock.ts'
import { LAWS } from '../../contract/laws.ts'
import type { AuditNotes } from '../../till/administration.ts'
import type { AuditPart } from './report.ts'

/** What an auditor has to know beside the files: only what no closing has yet and never gets by itself is a fault. */
export function notedParts({ left_out: leftOut, waiting_bons: waiting, online }: AuditNotes): AuditPart[] {
  return [
    ...(leftOut.length === 0 ? [] : [leftOutPart(leftOut)]),
    ...(waiting.length === 0 ? [] : [waitingPart(waiting)]),
    ...(online.operations === 0 ? [] : [onlinePart(online)]),
  ]
}

function leftOutPart(sessions: AuditNotes['left_out']): AuditPart {
  return {
    name: 'Kassensitzungen',
    valid: false,
    summary: `${counted(sessions.length, 'Sitzung', 'Sitzungen')} ohne Kassenabschluss, nicht im DSFinV-K-Paket`,
    findings: sessions.map(
      ({ register_id: register, session_id: session, opened_at: opened, bons, total_amount: total }) =>
        `Kasse ${register}, geöffnet ${minuteOf(opened)}, ${session}: ${counted(bons, 'Bon', 'Bons')}, Umsatz ${euros(total)}`,
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
    summary: `${many} über ${euros(total)}, nicht an einer Kasse und nicht im DSFinV-K-Paket`,
    findings: [],
  }
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

function euros(amount: string): string {
  return `${amount.replace('.', ',')} EUR`
}

/** By the clocks of the shop. */
function minuteOf(time: string): string {
  return localTime(parseRfc3339(time) ?? 0, LAWS.KassenSichV.timeZone)
    .slice(0, 16)
    .replace('T', ' ')
}
