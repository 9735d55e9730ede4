import type { JournalReport } from '../../journal/verify/journal.ts'
import type { AuditPart } from './report.ts'

type Finding = JournalReport['findings'][number]

/**
 * What the verification of the journal found, in the words of the report; what it only notes is an objection here.
 * `clockNotes` is none.
 */
export function journalPart(
  { valid, events, head, findings, notes }: JournalReport,
  clockNotes: readonly string[],
): AuditPart {
  return {
    name: 'Journal',
    valid: valid && notes.length === 0,
    summary: `${events} Ereignisse, Kette und Prüfpunkte, Kopf ${head}`,
    findings: [...findings.map(errorText), ...notes.map(noteText), ...clockNotes],
  }
}

function errorText({ part, seq, last, what, code }: Finding): string {
  if (code === 'head_unsigned' && last !== undefined)
    return `Ereignisse ${seq} bis ${last} tragen keinen Prüfpunkt. [${code}]`
  if (code === 'projections_not_checked') return `Die Auswertungstabellen wurden nicht geprüft. [${code}]`
  return `${part}, seq ${seq}: ${what}${code === undefined ? '' : ` [${code}]`}`
}

function noteText({ seq, last, what, code }: Finding): string {
  return last === undefined
    ? `Ereignis ${seq}: ${what} [${code}]`
    : `Das Journal wurde ohne Prüfpunkt fortgeführt: Ereignisse ${seq} bis ${last} trugen keinen. [${code}]`
}
