import { parseRfc3339 } from '../../../base/clock.ts'
import { counted, visible } from '../../../base/text.ts'
import { centsText } from '../../journal/books/findings.ts'
import type { Restore, RestoredUnit } from '../../journal/books/restores.ts'
import { isExplained, isRestore, uncompared } from '../../journal/books/restores.ts'
import { codeOf } from '../../journal/verify/restore-texts.ts'
import type { UnitsAfterRestore } from '../../laws/audit-rules.ts'
import { LAWS } from '../../laws/laws.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart } from './audit-part.ts'
import { euros, minuteOf, objectionsFirst } from './note-words.ts'
import type { Installation } from './procedure.ts'
import { UNPROVEN_TEXTS } from './unproven-texts.ts'
import { filled } from './unsold-texts.ts'

type Range = { readonly from: string; readonly to: string }
type Texts = Pick<(typeof UNPROVEN_TEXTS)['de' | 'it'], 'shownOne' | 'shownMany'>
type Registers = Pick<Installation, 'registers'>

/**
 * The epochs that began by a restore within the range, permanently: what was sold between backup and restore is in no
 * record. An objection until a person gives a reason.
 */
export function restoreParts(restores: readonly Restore[], range: Range, installation: Registers): AuditPart[] {
  const shown = restores.filter((restore) => isRestore(restore) && reachesInto(restore, range))
  if (shown.length === 0) return []
  const open = shown.filter((restore) => !isExplained(restore))
  const cause = shown.some(({ isPutBack }) => isPutBack) ? ' oder mit einem eingespielten Stand begonnen' : ''
  const words = `aus einem Backup wiederhergestellt${cause}: ${counted(shown.length, 'Epoche', 'Epochen')}`
  const summary = objectionsFirst(open.length, words)
  const findings = shown.map((restore) => findingOf(restore, installation))
  const codes = shown.map((restore) => {
    const level = isExplained(restore) ? ('note' as const) : ('error' as const)
    return { code: codeOf(restore), level, seq: restore.seq }
  })
  return [auditPart(open.length > 0 ? 'fault' : 'note', 'Wiederherstellungen', summary, findings, { codes })]
}

/** The time that the restored journal may miss: from its backup to its restore. */
export function reachesInto({ at, madeAt }: Restore, { from, to }: Range): boolean {
  const endMs = parseRfc3339(at) ?? 0
  const startMs = parseRfc3339(madeAt) ?? endMs
  return endMs >= (parseRfc3339(from) ?? 0) && Math.min(startMs, endMs) <= (parseRfc3339(to) ?? 0)
}

function findingOf(restore: Restore, installation: Registers): string {
  const { epoch, at, filled, isUnsealed } = restore
  const tail = filled === 0 ? '' : ` und ${counted(filled, 'späteren Ereignis', 'späteren Ereignissen')}`
  const seal = isUnsealed ? ', ohne dass ein Siegel dafür bürgt' : ''
  const from = restore.isPutBack ? 'mit einem eingespielten Stand' : 'aus dem Backup'
  const facts = `Epoche ${epoch} begann am ${minuteOf(at)} ${from} vom ${madeAtOf(restore)}${tail}${seal}.`
  const remedy = isExplained(restore) ? [] : [remedyOf(restore, installation)]
  const sentences = [facts, `${lostOf(restore)}.`, ...comparedOf(restore, installation), `${reasonOf(restore)}.`]
  return `${[...sentences, ...remedy].join(' ')} (${codeOf(restore)})`
}

function madeAtOf({ madeAt }: Restore): string {
  return parseRfc3339(madeAt) === undefined ? visible(madeAt) || 'unbekanntem Datum' : minuteOf(madeAt)
}

const LOST = new Map([
  ['nothing', 'Verloren: unbekannt, das Backup beendete das alte Journal'],
  ['unknown', 'Verloren: unbekannt'],
  ['nothing_by_word', 'Verloren: unbekannt, nach Angabe des Technikers nichts'],
])

function lostOf({ lost }: Restore): string {
  return LOST.get(lost) ?? `Verloren: ${visible(lost)}`
}

function reasonOf({ reason }: Restore): string {
  return reason === undefined ? 'Grund: keiner angegeben' : `Grund: ${visible(reason)}`
}

function comparedOf(restore: Restore, installation: Registers): string[] {
  const uncomparedUnits = uncompared(restore)
  const done = restore.units.filter(({ isCompared }) => isCompared)
  return [
    ...(restore.units.length === 0 ? ['Keine Einheit war eingetragen, die es zeigen könnte.'] : []),
    ...(done.length === 0 ? [] : [`Seitdem verglichen: ${unitNames(done, UNPROVEN_TEXTS.de)}.`]),
    ...(uncomparedUnits.length === 0
      ? []
      : [`Seitdem nicht verglichen: ${unitNames(uncomparedUnits, UNPROVEN_TEXTS.de)}.`]),
    ...uncountedOf(uncomparedUnits, installation),
    ...unseenOf(installation),
  ]
}

/** Units, with the receipts that each of them showed. */
export function unitNames(units: readonly RestoredUnit[], { shownOne, shownMany }: Texts): string {
  const names = units.map(({ device, serial, receipts, cents }) => {
    const shown = filled(receipts === 1 ? shownOne : shownMany, {
      receipts: String(receipts),
      sum: euros(centsText(cents)),
    })
    return `${visible(device)} (${visible(serial)}${receipts === 0 ? '' : shown})`
  })
  return names.join(', ')
}

/** Units that cannot be compared: the sentence of their law on what shows what they did. */
function uncountedOf(units: readonly RestoredUnit[], installation: Registers): string[] {
  return rulesOf(units, installation).flatMap((rules) => ('uncounted' in rules ? [rules.uncounted] : []))
}

/** Records without a unit are in the memory of none. */
function unseenOf({ registers }: Registers): string[] {
  const laws = LAWS.filter(({ name }) => registers.some(({ fiscalization }) => fiscalization?.regime === name))
  const unseen = laws.flatMap(({ audit }) => audit?.afterRestore.unseen ?? [])
  const all = [...new Set([...unseen, 'Einheiten, die dieses Journal nicht kennt'])]
  return [`Keine Einheit zeigt: ${all.join(', ')}.`]
}

/** The rules of the laws whose registers use these units. */
function rulesOf(units: readonly RestoredUnit[], { registers }: Registers): UnitsAfterRestore[] {
  return LAWS.flatMap(({ name, audit }) => {
    const own = registers.filter(({ fiscalization }) => fiscalization?.regime === name)
    const isUsed = units.some(({ device }) => own.some((register) => register.fiscal_device === device))
    return isUsed && audit !== undefined ? [audit.afterRestore] : []
  })
}

function remedyOf(restore: Restore, installation: Registers): string {
  const rules = rulesOf(uncompared(restore), installation)
  const remedies = rules.flatMap((each) => ('remedy' in each ? [`${each.remedy}, dann: `] : []))
  return (
    `Es fehlt der Grund: ${remedies.join('')}` +
    `fiskal-edge duty confirm epoch-${restore.epoch} --reason GRUND (was geschah, wie gesucht wurde, Anzahl und Summe).`
  )
}
