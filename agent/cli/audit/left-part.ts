import type { LeftAtTargets, LeftEvents } from '../checks/left-events.ts'
import type { AuditPart } from './report.ts'

export const TARGETS_PART = 'Wiederherstellung / Ziele'

/**
 * What a restore left at a target: an objection until it is brought back, or a person said what became of it. What a target
 * says without a signature of this journal is to be known, and proves nothing.
 */
export function leftParts({ left, silent }: LeftAtTargets): AuditPart[] {
  if (left.length === 0 && silent.length === 0) return []
  const open = left.filter(({ isProven, reason }) => isProven && reason === undefined)
  const unasked = silent.map((target) => `${target} konnte nicht befragt werden. (witness_missing)`)
  const part = {
    name: TARGETS_PART,
    summary: left.length === 0 ? 'nicht an allen Zielen verglichen' : 'Ziele haben Ereignisse, die hier fehlen',
    findings: [...left.map(findingOf), ...unasked],
  }
  return [open.length > 0 ? { ...part, valid: false } : { ...part, valid: true, note: true }]
}

function findingOf({ target, epoch, first, last, isProven, reason, task }: LeftEvents): string {
  const events = `die Ereignisse ${first} bis ${last} der Epoche ${epoch}, die seit der Wiederherstellung fehlen`
  if (!isProven) return `${target} nennt ohne Signatur dieses Journals ${events}. (witness_ahead)`
  if (reason !== undefined) return `${target} hat ${events}. Bestätigt: ${reason} (witness_ahead)`
  const confirmed =
    task === undefined
      ? 'Bei der Wiederherstellung wurde angegeben, dass nichts verloren ist.'
      : `Sind sie erfasst oder nicht zu beschaffen: fiskal-edge task confirm ${task} --reason GRUND.`
  return `${target} hat ${events}: mit fiskal-edge restore --tail oder device adopt zurückholen. ${confirmed} (witness_ahead)`
}
