import { createReadStream } from 'node:fs'
import { basename, join } from 'node:path'
import { writeDurably } from '../../durable-file.ts'
import { BookFindings, describeBooks } from '../../journal/books/findings.ts'
import type { Members } from '../../journal/events.ts'
import { openAsItLies } from '../owner/handed-input.ts'
import type { StateTasks } from '../owner/state-tasks.ts'
import { verify } from '../verify.ts'
import type { AuditPart } from './report.ts'
import { notWritten } from './report.ts'

const FOLDER_LETTERS = 16

/**
 * What was taken out of TSEs that no register signs with any more, as it lies in the state directory: no unit is asked for
 * it. `inUse`: serial numbers of those that are.
 */
export async function writeFormerArchives(
  state: string,
  tasks: Pick<StateTasks, 'takenArchives'>,
  inUse: readonly string[],
  folder: string,
): Promise<AuditPart[]> {
  const present = new Set(inUse.map((serial) => serial.slice(0, FOLDER_LETTERS)))
  const parts: AuditPart[] = []
  for (const { unit, files } of (await tasks.takenArchives()).filter((taken) => !present.has(taken.unit))) {
    for (const name of files)
      parts.push(...(await writeFormerArchive(join(state, 'archives', unit, name), unit, folder)))
  }
  return parts
}

/** Archives of deleted logs that an export found to be gone. */
export function missingIn({ missing_archives: missing }: Members): string[] {
  return Array.isArray(missing) ? missing.map(String) : []
}

/** An archive without them is what is left. */
export function lacking(part: AuditPart, missing: readonly string[]): AuditPart {
  const told = new BookFindings()
  for (const file of missing) told.add('tse_archive_missing', 0, { file })
  const findings = told.all().map((finding) => describeBooks(finding, 'de'))
  return { ...part, valid: false, findings: [...findings, ...part.findings] }
}

async function writeFormerArchive(path: string, unit: string, folder: string): Promise<AuditPart[]> {
  const file = `tse-${unit}-${basename(path)}`
  try {
    await writeDurably(join(folder, file), createReadStream('', { fd: openAsItLies(path) }), 0o600)
    // Deleted in portions, each begins behind the one before; none has a gap, as when it was taken out.
    const verdicts = await verify(join(folder, file), { partial: true }, 'de')
    return verdicts.map(({ valid, summary, findings }) => ({ name: file, valid, summary, findings }))
  } catch (error) {
    return [notWritten(file, error)]
  }
}
