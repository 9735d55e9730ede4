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
import type { ReportLanguage } from './report-language.ts'
import { filled } from './report-language.ts'
import { mainWords } from './report-words.ts'
import { LOST_TEXTS, UNPROVEN_TEXTS } from './unproven-texts.ts'

type Range = { readonly from: string; readonly to: string }
type Texts = (typeof UNPROVEN_TEXTS)[ReportLanguage]
type Registers = Pick<Installation, 'registers'>

/**
 * The epochs that began by a restore within the range, permanently: what was sold between backup and restore is in no
 * record. An objection until a person gives a reason.
 */
export function restoreParts(restores: readonly Restore[], range: Range, installation: Registers): AuditPart[] {
  const shown = restores.filter((restore) => isRestore(restore) && reachesInto(restore, range))
  if (shown.length === 0) return []
  const { language } = mainWords(installation)
  const texts = UNPROVEN_TEXTS[language]
  const open = shown.filter((restore) => !isExplained(restore))
  const cause = shown.some(({ isPutBack }) => isPutBack) ? texts.orPutBack : ''
  const words = filled(texts.restored, { cause, epochs: counted(shown.length, ...texts.epoch) })
  const summary = objectionsFirst(open.length, words, language)
  const findings = shown.map((restore) => findingOf(restore, installation, texts))
  const codes = shown.map((restore) => {
    const level = isExplained(restore) ? ('note' as const) : ('error' as const)
    return { code: codeOf(restore), level, seq: restore.seq }
  })
  return [auditPart(open.length > 0 ? 'fault' : 'note', texts.restores, summary, findings, { codes })]
}

/** The time that the restored journal may miss: from its backup to its restore. */
export function reachesInto({ at, madeAt }: Restore, { from, to }: Range): boolean {
  const endMs = parseRfc3339(at) ?? 0
  const startMs = parseRfc3339(madeAt) ?? endMs
  return endMs >= (parseRfc3339(from) ?? 0) && Math.min(startMs, endMs) <= (parseRfc3339(to) ?? 0)
}

function findingOf(restore: Restore, installation: Registers, texts: Texts): string {
  const { epoch, at, filled: count, isUnsealed, isPutBack, lost } = restore
  const facts = filled(isPutBack ? texts.putBack : texts.fromBackup, {
    ...{ epoch, at: minuteOf(at), madeAt: madeAtOf(restore, texts) },
    tail: count === 0 ? '' : filled(texts.tail, { events: counted(count, ...texts.laterEvent) }),
    seal: isUnsealed ? texts.unsealed : '',
  })
  const remedy = isExplained(restore) ? [] : [remedyOf(restore, installation, texts)]
  const sentences = [lostOf(lost, texts), ...comparedOf(restore, installation, texts), reasonOf(restore, texts)]
  return `${[facts, ...sentences.map(sentenceOf), ...remedy].join(' ')} (${codeOf(restore)})`
}

function sentenceOf(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`.replace(/\.?$/, '.')
}

export function madeAtOf({ madeAt }: Restore, texts: Texts): string {
  return parseRfc3339(madeAt) === undefined ? visible(madeAt) || texts.unknownDate : minuteOf(madeAt)
}

export function lostOf(lost: Restore['lost'], texts: Texts): string {
  const name = LOST_TEXTS.get(lost)
  return name === undefined ? filled(texts.other, { lost: visible(lost) }) : texts[name]
}

export function reasonOf({ reason }: Restore, texts: Texts): string {
  return reason === undefined ? texts.noReason : filled(texts.reason, { reason: visible(reason) })
}

function comparedOf(restore: Restore, installation: Registers, texts: Texts): string[] {
  const uncomparedUnits = uncompared(restore)
  const done = restore.units.filter(({ isCompared }) => isCompared)
  return [
    ...(restore.units.length === 0 ? [texts.noUnitNamed] : []),
    ...(done.length === 0 ? [] : [filled(texts.compared, { units: unitNames(done, texts) })]),
    ...(uncomparedUnits.length === 0 ? [] : [filled(texts.uncompared, { units: unitNames(uncomparedUnits, texts) })]),
    ...uncountedOf(uncomparedUnits, installation),
    unseenOf(installation, texts),
  ]
}

/** Units, with the receipts that each of them showed. */
export function unitNames(
  units: readonly RestoredUnit[],
  { shownOne, shownMany }: Pick<Texts, 'shownOne' | 'shownMany'>,
): string {
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
function unseenOf({ registers }: Registers, texts: Texts): string {
  const laws = LAWS.filter(({ name }) => registers.some(({ fiscalization }) => fiscalization?.regime === name))
  const unseen = laws.flatMap(({ audit }) => audit?.afterRestore.unseen ?? [])
  return filled(texts.unseen, { list: [...new Set([...unseen, texts.unknownUnits])].join(', ') })
}

/** The rules of the laws whose registers use these units. */
function rulesOf(units: readonly RestoredUnit[], { registers }: Registers): UnitsAfterRestore[] {
  return LAWS.flatMap(({ name, audit }) => {
    const own = registers.filter(({ fiscalization }) => fiscalization?.regime === name)
    const isUsed = units.some(({ device }) => own.some((register) => register.fiscal_device === device))
    return isUsed && audit !== undefined ? [audit.afterRestore] : []
  })
}

function remedyOf(restore: Restore, installation: Registers, texts: Texts): string {
  const rules = rulesOf(uncompared(restore), installation)
  const remedies = rules.flatMap((each) => ('remedy' in each ? [filled(texts.first, { remedy: each.remedy })] : []))
  return filled(texts.unexplained, { remedies: remedies.join(''), epoch: restore.epoch })
}
