import type { AskedTargets, LeftEvents } from '../checks/asked-targets.ts'
import { notCompared } from './comparison.ts'
import type { AuditPart } from './report.ts'

const NAME = 'Ziele / Journal'

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
  const part = {
    name: 'Wiederherstellung / Ziele',
    summary: leftEvents.length === 0 ? 'nicht an allen Zielen verglichen' : 'Ziele haben Ereignisse, die hier fehlen',
    findings: [...leftEvents.map(findingOf), ...unasked],
  }
  return [open.length > 0 ? { ...part, valid: false } : { ...part, valid: true, note: true }]
}

/** The comparison of the targets' reports with the journal. */
export function witnessParts({ verdicts }: Pick<AskedTargets, 'verdicts'>): AuditPart[] {
  const [broken, doubtful] = [verdicts.filter(isFailure), verdicts.filter(({ state }) => state === 'warning')]
  const findings = verdicts.flatMap(({ target, address, sentences }) =>
    sentences.map((sentence) => `${target} (${address}) ${sentence}.`),
  )
  if (findings.length === 0) return []
  const part = { name: NAME, findings }
  if (broken.length > 0) return [{ ...part, valid: false, summary: 'Ziele haben ein anderes Journal als dieses' }]
  if (doubtful.length > 0) return [{ ...part, valid: true, note: true, summary: 'nicht an allen Zielen verglichen' }]
  return [{ ...part, valid: true, summary: 'Ziele haben dasselbe wie dieses Journal' }]
}

function isFailure({ state }: AskedTargets['verdicts'][number]): boolean {
  return state === 'failure'
}

function findingOf({ target, epoch, endedBy, first, last, isProven, reason, task }: LeftEvents): string {
  const since = endedBy === 'restore' ? 'der Wiederherstellung' : 'dem Zurücksetzen des Datenträgers'
  const events = `die Ereignisse ${first} bis ${last} der Epoche ${epoch}, die seit ${since} fehlen`
  if (!isProven) return `${target} nennt ohne Signatur dieses Journals ${events}. (witness_ahead)`
  if (reason !== undefined) return `${target} hat ${events}. Bestätigt: ${reason} (witness_ahead)`
  const confirmed = `Sind sie erfasst oder nicht zu beschaffen: fiskal-edge task confirm ${task} --reason GRUND.`
  return `${target} hat ${events}: mit fiskal-edge restore --tail oder device adopt zurückholen. ${confirmed} (witness_ahead)`
}
