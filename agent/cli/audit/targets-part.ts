import type { AskedTargets, LeftEvents } from '../checks/asked-targets.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart, notCompared } from './audit-part.ts'

const NAME = 'Ziele / Journal'
const UNASKED = 'nicht an allen Zielen verglichen'

/** Compares the journal with the sync targets; a failure becomes a part of the report. */
export async function targetParts(ask: () => Promise<AskedTargets>): Promise<AuditPart[]> {
  try {
    const asked = await ask()
    return [...witnessParts(asked), ...leftParts(asked)]
  } catch (error) {
    return [notCompared(NAME, error)]
  }
}

/**
 * Events that a target has and a restored journal does not: an objection until they are brought back or a person confirms
 * their task. A target's report without a signature of this journal is a note, because it proves nothing.
 */
export function leftParts({ leftEvents, silent }: Pick<AskedTargets, 'leftEvents' | 'silent'>): AuditPart[] {
  if (leftEvents.length === 0 && silent.length === 0) return []
  const open = leftEvents.filter(({ isProven, reason }) => isProven && reason === undefined)
  const unasked = silent.map((target) => `${target} konnte nicht befragt werden. (witness_missing)`)
  const name = 'Wiederherstellung / Ziele'
  const summary = leftEvents.length === 0 ? UNASKED : 'Ziele haben Ereignisse, die hier fehlen'
  return [auditPart(open.length > 0 ? 'fault' : 'note', name, summary, [...leftEvents.map(findingOf), ...unasked])]
}

/** The comparison of the targets' reports with the journal. */
export function witnessParts({ verdicts }: Pick<AskedTargets, 'verdicts'>): AuditPart[] {
  const findings = verdicts.flatMap(({ target, address, sentences }) =>
    sentences.map((sentence) => `${target} (${address}) ${sentence}.`),
  )
  if (findings.length === 0) return []
  const has = (wanted: AskedTargets['verdicts'][number]['state']) => verdicts.some(({ state }) => state === wanted)
  if (has('failure')) return [auditPart('fault', NAME, 'Ziele haben ein anderes Journal als dieses', findings)]
  if (has('warning')) return [auditPart('note', NAME, UNASKED, findings)]
  return [auditPart('sound', NAME, 'Ziele haben dasselbe wie dieses Journal', findings)]
}

function findingOf({ target, epoch, endedBy, first, last, isProven, reason, task }: LeftEvents): string {
  const since = endedBy === 'restore' ? 'der Wiederherstellung' : 'dem Zurücksetzen des Datenträgers'
  const events = `die Ereignisse ${first} bis ${last} der Epoche ${epoch}, die seit ${since} fehlen`
  if (!isProven) return `${target} nennt ohne Signatur dieses Journals ${events}. (witness_ahead)`
  if (reason !== undefined) return `${target} hat ${events}. Bestätigt: ${reason} (witness_ahead)`
  const confirmed = `Sind sie erfasst oder nicht zu beschaffen: fiskal-edge duty confirm ${task} --reason GRUND.`
  return `${target} hat ${events}: mit fiskal-edge restore --tail oder device adopt zurückholen. ${confirmed} (witness_ahead)`
}
