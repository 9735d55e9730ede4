import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseRfc3339, systemClock } from '../../../base/clock.ts'
import type { RightSignatures } from '../../../verify/tse/right-signatures.ts'
import type { Verdict } from '../../laws/verify-rules.ts'
import type { Technician } from '../daemon/admin-client.ts'
import { verify } from '../verify.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart, notWritten } from './audit-part.ts'
import type { ExportedArchive } from './former-archives.ts'
import { missingArchives, readBefore } from './former-archives.ts'
import type { JournalReading } from './recorded-receipts.ts'
import type { Wanted } from './wanted.ts'

type Range = { from: string; to: string }
/** `serial`: of the unit whose archive it is. */
type Answer = ExportedArchive & { readonly unchecked?: true; readonly serial?: string }
/** `known`: right signatures of this audit; `reader`: of the journal. */
type Exporting = { technician: Technician; folder: string; known: RightSignatures; reader?: JournalReading }

/** Writes one export, reads it again and checks it by the rules of the authorities. A failure becomes a part of the report. */
export async function exportedPart(wanted: Wanted, range: Range, exporting: Exporting): Promise<AuditPart[]> {
  const { file, type } = wanted
  try {
    const { answer, verdicts } = await exportAndVerify(wanted, range, exporting)
    if (type === 'dep131') return [auditPart('sound', file, 'Vorgänge der Kasse (§ 131b BAO)')]
    const { missing_archives: missing = [], unread } = answer
    const parts = verdicts.map((verdict) => partOf(file, verdict))
    const read = unread === undefined ? parts : parts.map((part) => readBefore(part, unread))
    return missing.length > 0 ? read.map((part) => missingArchives(part, missing)) : read
  } catch (error) {
    return [notWritten(file, error)]
  }
}

/**
 * The agent checks a package and an archive before it hands them over; here they are checked anyway. Only
 * if the agent would not have handed this one over it is asked for one that it has checked: a faulty line to a unit garbles
 * another log each time, and a fault in the records has the agent's words.
 */
async function exportAndVerify(
  { file, type, ...of }: Wanted,
  range: Range,
  { technician, folder, known, reader }: Exporting,
): Promise<{ answer: Answer; verdicts: readonly Verdict[] }> {
  const path = join(folder, file)
  const asked = { ...range, ...of, ...(type === 'tse_tar' && { withoutMissing: true as const }) }
  const verified = async (more: { unchecked?: true }) => {
    const answer = (await technician.exportTo(type, { ...asked, ...more }, path)) as Answer
    const partial = answer.unread !== undefined || !isEverything(range)
    const filtered = partial || (answer.missing_archives ?? []).length > 0
    let isHandedOver = answer.unchecked !== true
    const verdicts = await verify(
      path,
      {
        ...{ filtered, partial, known, ...(reader && { reader }) },
        onExported: ({ isSound, serial }) => {
          isHandedOver ||= isSound && serial === answer.serial
        },
      },
      'de',
    )
    return { answer, verdicts, isHandedOver }
  }
  const first = await verified({ unchecked: true })
  if (first.isHandedOver) return first
  await rm(path)
  return verified({})
}

/** The notes of a journal are in the part of its verification. */
function partOf(name: string, { file: _, kind, notes = [], ...verdict }: Verdict): AuditPart {
  if (kind === 'journal' || notes.length === 0) return { name, ...verdict }
  return { name, ...verdict, ...(verdict.valid && { note: true }), findings: [...verdict.findings, ...notes] }
}

/** True for a range from the first sale until now: the archives of the TSEs are then complete. */
export function isEverything({ from, to }: Range): boolean {
  return parseRfc3339(from) === 0 && (parseRfc3339(to) ?? 0) > systemClock.now()
}
