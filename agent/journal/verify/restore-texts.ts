import { visible } from '../../../base/text.ts'
import type { Restore } from '../books/restores.ts'
import { isExplained, isRestore, uncompared } from '../books/restores.ts'

const RESTORED = 'journal_restored'
/** As an event records a backup that ended its journal. */
const ENDED = 'nothing'
/** A note here, and an objection of an audit. */
export const UNEXPLAINED = 'restore_unexplained'

/** One English line a restore, permanently. */
export function restoreTexts(epochs: readonly Restore[]): string[] {
  return epochs.filter(isRestore).map(restoreText)
}

/** As the other codes of a report. */
export function restoreCodes(epochs: readonly Restore[]): object[] {
  return epochs.filter(isRestore).map(restoreCode)
}

function restoreText(restore: Restore): string {
  const { epoch, at, isPutBack, madeAt, lost, filled, isUnsealed, reason } = restore
  const tail = filled === 0 ? '' : ` and ${filled} later events`
  const seal = isUnsealed ? ', no seal checked' : ''
  const cause = isPutBack ? 'because its state was put back: one' : 'by a restore of the backup'
  const facts = `epoch ${epoch} began at ${at} ${cause} of ${visible(madeAt)}${tail}${seal}`
  const why = reason === undefined ? 'no reason given' : `reason: ${visible(reason)}`
  return `${facts}; lost: ${lostText(lost)}; ${comparedText(restore)}; ${why} (${codeOf(restore)})`
}

function restoreCode(restore: Restore): object {
  const { seq, epoch, at, isPutBack, madeAt, lost, filled, isUnsealed, reason, units } = restore
  const more = {
    ...(isPutBack && { put_back: true }),
    ...(isUnsealed && { unsealed: true }),
    ...(reason !== undefined && { reason }),
  }
  const compared = units.map(({ device, serial, isCompared }) => ({ device, serial, compared: isCompared }))
  const facts = { epoch, at, backup_created_at: madeAt, lost, events_filled: filled, ...more, units: compared }
  return { code: codeOf(restore), level: 'note', seq, ...facts }
}

export function codeOf(restore: Restore): string {
  return isExplained(restore) ? RESTORED : UNEXPLAINED
}

function lostText(lost: string): string {
  if (lost === 'nothing_by_word') return 'nothing, by the word of the technician'
  return lost === ENDED ? 'unknown, the backup ended its journal' : visible(lost)
}

function comparedText({ units }: Restore): string {
  if (units.length === 0) return 'no unit shows it'
  const uncomparedUnits = uncompared({ units }).map(({ device, serial }) => `${visible(device)} (${visible(serial)})`)
  return uncomparedUnits.length === 0
    ? 'its units were compared since'
    : `not compared since: ${uncomparedUnits.join(', ')}`
}
