import { parseRfc3339 } from '../../../base/clock.ts'
import { formatCents } from '../../../base/money.ts'
import { counted, visible } from '../../../base/text.ts'
import type { FilesMatch } from '../../laws/germany/verify-together.ts'
import { shownSerial } from '../../laws/verify-words.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart } from './audit-part.ts'
import { euros, minuteOf } from './note-words.ts'

type RetiredUnit = FilesMatch['retired'][number]
type Range = { readonly from: string; readonly to: string }

/** The TSEs that were retired in the range, why, and what their missing archives would show. */
export function retirementParts(retired: FilesMatch['retired'], { from, to }: Range): AuditPart[] {
  const [fromMs, toMs] = [parseRfc3339(from) ?? 0, parseRfc3339(to) ?? 0]
  const isOfRange = (atMs: number): boolean => atMs >= fromMs && atMs <= toMs
  const units = retired.filter(({ at }) => isOfRange(parseRfc3339(at) ?? 0))
  if (units.length === 0) return []
  const summary = `${counted(units.length, 'TSE', 'TSEs')} außer Betrieb genommen`
  const findings = units.map(
    (unit) => `${retirementOf(unit, shownSerial(unit.serial))}: ${archiveOf(unit)} (tse_retired)`,
  )
  const uncovered = units.map((unit) => `${retirementOf(unit, unit.serial)}: ${archiveOf(unit)}`)
  return [auditPart('note', 'TSEs außer Betrieb', summary, findings, { uncovered })]
}

function retirementOf({ at, reason }: RetiredUnit, serial: string): string {
  const why = reason === undefined ? 'ohne Grund' : `Grund: ${visible(reason)}`
  return `TSE ${visible(serial)}, außer Betrieb genommen am ${parseRfc3339(at) === undefined ? visible(at) : minuteOf(at)} (${why})`
}

function archiveOf({ bons, cents }: RetiredUnit): string {
  if (bons === 0)
    return 'Kein aufgezeichneter Bon fehlt in ihren Archiven. Was sie nach dem letzten absicherte, zeigt keines.'
  return `${counted(bons, 'Bon', 'Bons')}, ${euros(formatCents(cents))}: kein Archiv zeigt sie.`
}
