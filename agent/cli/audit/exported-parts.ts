import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseRfc3339, systemClock } from '../../../base/clock.ts'
import type { RightSignatures } from '../../../verify/tse/right-signatures.ts'
import type { ExporterCheck, Verdict } from '../../laws/verify-rules.ts'
import type { Technician } from '../daemon/admin-client.ts'
import { verify } from '../verify.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart, notWritten } from './audit-part.ts'
import type { ExportedArchive } from './former-archives.ts'
import { missingArchives, readBefore } from './former-archives.ts'
import { UNPROVEN, UNREAD_DOCUMENT } from './journal-part.ts'
import type { JournalReading } from './recorded-receipts.ts'
import type { ReportLanguage } from './report-language.ts'
import type { Wanted } from './wanted.ts'

type Range = { from: string; to: string; untilSeq?: number }
/** A file of the audit; `reader`: of the journal; `checked` is called after its check. */
export type AskedFile = {
  readonly wanted: Wanted
  readonly range: Range
  readonly reader?: JournalReading
  readonly checked?: () => void
}
/** `known`: right signatures of this audit. */
type Exporting = {
  readonly technician: Pick<Technician, 'exportTo'>
  readonly folder: string
  readonly known: RightSignatures
  readonly language: ReportLanguage
}
/** `serial`: of the unit whose archive it is. */
type Answer = ExportedArchive & { readonly unchecked?: true; readonly serial?: string }
type Written = { readonly answer: Answer } | { readonly error: unknown }

/**
 * Lets the agent write one file after the other, and checks each by the rules of the authorities while the next ones are
 * written. A failure becomes a part of the report.
 *
 * The agent checks packages and archives before it hands them over; here they are checked anyway. Only if the agent would
 * not have handed this one over it is asked for one that it has checked: a faulty line to a unit garbles another log each
 * time, and a fault in the records has the agent's words.
 *
 * The journal is written after all archives, so that it has what they contain: with one of them it is written again. Files
 * of closings come last, because they take longest: which closings they have was decided before.
 */
export async function exportedParts(files: readonly AskedFile[], exporting: Exporting): Promise<AuditPart[]> {
  const order = [...files.filter((file) => !isOfClosings(file)), ...files.filter(isOfClosings)]
  const given = new Map<AskedFile, Promise<Written>>()
  let last: Promise<unknown> = Promise.resolve()
  const begin = (file: AskedFile): void => {
    const writing = last.then(() => written(file, exporting, { unchecked: true }))
    given.set(file, writing)
    last = writing
  }
  order.forEach(begin)
  const parts = new Map<AskedFile, AuditPart[] | undefined>()
  for (const [at, file] of order.entries()) {
    const first = await given.get(file)
    let part = first && (await checkedPart(file, first, exporting))
    if (part === undefined) {
      await last
      const later = isOfClosings(file) ? [] : order.slice(at + 1).filter((next) => !isOfClosings(next))
      for (const { wanted } of [file, ...later]) await rm(join(exporting.folder, wanted.file), { force: true })
      part = await checkedPart(file, await written(file, exporting, {}), exporting)
      later.forEach(begin)
    }
    parts.set(file, part)
    file.checked?.()
  }
  return files.flatMap((file) => parts.get(file) ?? [])
}

function isOfClosings({ wanted }: AskedFile): boolean {
  return wanted.ofClosings === true
}

async function written(
  { wanted: { file, type, ofClosings: _, ...of }, range }: AskedFile,
  { technician, folder }: Exporting,
  more: { unchecked?: true },
): Promise<Written> {
  const missing = type === 'tse_tar' && { withoutMissing: true as const }
  try {
    const asked = { ...range, ...of, ...missing, ...more }
    return { answer: (await technician.exportTo(type, asked, join(folder, file))) as Answer }
  } catch (error) {
    return { error }
  }
}

/** Undefined if the agent did not check the file, and would not have handed it over. */
async function checkedPart(
  { wanted: { file, type }, range, reader }: AskedFile,
  given: Written,
  { folder, known, language }: Exporting,
): Promise<AuditPart[] | undefined> {
  if ('error' in given) return [notWritten(file, given.error, language)]
  if (type === 'dep131') return [auditPart('sound', file, 'Vorgänge der Kasse (§ 131b BAO)')]
  const { unchecked, serial: unit, missing_archives: missing = [], unread } = given.answer
  const partial = unread !== undefined || !isEverything(range)
  let isHandedOver = unchecked !== true
  const onExported = ({ isSound, serial }: ExporterCheck): void => {
    isHandedOver ||= isSound && serial === unit
  }
  const asked = { filtered: partial || missing.length > 0, partial, known, onExported, ...(reader && { reader }) }
  const verdicts = await verify(join(folder, file), asked, language)
  if (!isHandedOver) return undefined
  const parts = verdicts.map((verdict) => partOf(file, verdict))
  const read = unread === undefined ? parts : parts.map((part) => readBefore(part, unread))
  return missing.length > 0 ? read.map((part) => missingArchives(part, missing)) : read
}

/** The notes of a journal are in the part of its verification, and what only the journal says is under "Nicht belegt". */
function partOf(name: string, { file: _, kind, notes = [], ...verdict }: Verdict): AuditPart {
  if (kind === 'journal') return { name, ...verdict, findings: verdict.findings.filter((text) => !isUnproven(text)) }
  if (notes.length === 0) return { name, ...verdict }
  return { name, ...verdict, ...(verdict.valid && { note: true }), findings: [...verdict.findings, ...notes] }
}

function isUnproven(sentence: string): boolean {
  const [, code = ''] = /\((\w+)(?:, [^()]*)?\)$/.exec(sentence) ?? []
  return UNPROVEN.has(code) || code === UNREAD_DOCUMENT
}

/** True for a range from the first sale until now: the archives of the TSEs are then complete. */
export function isEverything({ from, to }: Range): boolean {
  return parseRfc3339(from) === 0 && (parseRfc3339(to) ?? 0) > systemClock.now()
}
