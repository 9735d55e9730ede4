import type { AskedTargets, LeftEvents } from '../checks/asked-targets.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart, notCompared } from './audit-part.ts'
import type { ReportLanguage, Translated } from './report-language.ts'
import { filled } from './report-language.ts'

const GERMAN = {
  name: 'Ziele / Journal',
  unasked: 'nicht an allen Zielen verglichen',
  differ: 'Ziele haben ein anderes Journal als dieses',
  agree: 'Ziele haben dasselbe wie dieses Journal',
  restored: 'Wiederherstellung / Ziele',
  more: 'Ziele haben Ereignisse, die hier fehlen',
  silent: '{target} konnte nicht befragt werden. (witness_missing)',
  restore: 'der Wiederherstellung',
  rollback: 'dem Zurücksetzen des Datenträgers',
  events: 'die Ereignisse {first} bis {last} der Epoche {epoch}, die seit {since} fehlen',
  claimed: '{target} nennt ohne Signatur dieses Journals {events}. (witness_ahead)',
  explained: '{target} hat {events}. Bestätigt: {reason} (witness_ahead)',
  open: '{target} hat {events}: mit fiskal-edge restore --tail oder device adopt zurückholen. Sind sie erfasst oder nicht zu beschaffen: fiskal-edge duty confirm {task} --reason GRUND. (witness_ahead)',
} as const
const ITALIAN: Translated<typeof GERMAN> = {
  name: 'Destinazioni / registro',
  unasked: 'non confrontato con tutte le destinazioni',
  differ: 'le destinazioni hanno un registro diverso da questo',
  agree: 'le destinazioni hanno lo stesso di questo registro',
  restored: 'Ripristino / destinazioni',
  more: 'le destinazioni hanno eventi che qui mancano',
  silent: 'Non è stato possibile interrogare {target}. (witness_missing)',
  restore: 'dal ripristino',
  rollback: "dall'arretramento del disco",
  events: "gli eventi da {first} a {last} dell'epoca {epoch}, che mancano {since}",
  claimed: '{target} indica senza firma di questo registro {events}. (witness_ahead)',
  explained: '{target} ha {events}. Confermato: {reason} (witness_ahead)',
  open: '{target} ha {events}: recuperarli con fiskal-edge restore --tail o device adopt. Se sono registrati o irrecuperabili: fiskal-edge duty confirm {task} --reason MOTIVO. (witness_ahead)',
}
const TEXTS: Readonly<Record<ReportLanguage, Texts>> = { de: GERMAN, it: ITALIAN }
type Texts = Translated<typeof GERMAN>

/** Compares the journal with the sync targets; a failure becomes a part of the report. */
export async function targetParts(ask: () => Promise<AskedTargets>, language: ReportLanguage): Promise<AuditPart[]> {
  try {
    const asked = await ask()
    return [...witnessParts(asked, language), ...leftParts(asked, language)]
  } catch (error) {
    return [notCompared(TEXTS[language].name, error, language)]
  }
}

/**
 * Events that a target has and a restored journal does not: an objection until they are brought back or a person confirms
 * their task. A target's report without a signature of this journal is a note, because it proves nothing.
 */
export function leftParts(
  { leftEvents, silent }: Pick<AskedTargets, 'leftEvents' | 'silent'>,
  language: ReportLanguage,
): AuditPart[] {
  if (leftEvents.length === 0 && silent.length === 0) return []
  const texts = TEXTS[language]
  const open = leftEvents.filter(({ isProven, reason }) => isProven && reason === undefined)
  const unasked = silent.map((target) => filled(texts.silent, { target }))
  const summary = leftEvents.length === 0 ? texts.unasked : texts.more
  const findings = [...leftEvents.map((events) => findingOf(events, texts)), ...unasked]
  return [auditPart(open.length > 0 ? 'fault' : 'note', texts.restored, summary, findings)]
}

/** The comparison of the targets' reports with the journal. */
export function witnessParts({ verdicts }: Pick<AskedTargets, 'verdicts'>, language: ReportLanguage): AuditPart[] {
  const findings = verdicts.flatMap(({ target, address, sentences }) =>
    sentences.map((sentence) => `${target} (${address}) ${sentence[language]}.`),
  )
  if (findings.length === 0) return []
  const { name, differ, unasked, agree } = TEXTS[language]
  const has = (wanted: AskedTargets['verdicts'][number]['state']) => verdicts.some(({ state }) => state === wanted)
  if (has('failure')) return [auditPart('fault', name, differ, findings)]
  if (has('warning')) return [auditPart('note', name, unasked, findings)]
  return [auditPart('sound', name, agree, findings)]
}

function findingOf({ target, endedBy, isProven, reason, task, ...left }: LeftEvents, texts: Texts): string {
  const { epoch, first, last } = left
  const since = endedBy === 'restore' ? texts.restore : texts.rollback
  const events = filled(texts.events, { first, last, epoch, since })
  const text = !isProven ? texts.claimed : reason === undefined ? texts.open : texts.explained
  return filled(text, { target, events, task, reason: reason ?? '' })
}
