import { join } from 'node:path'
import { writeDurably } from '../../../base/durable-file.ts'
import { BookFindings, describeBooks } from '../../journal/books/findings.ts'
import type { Members } from '../../journal/events.ts'
import { joinedFiles, readableFiles, unitFolder } from '../../laws/germany/memory/read-portions.ts'
import { LAW_BOOKS } from '../../laws/law-books.ts'
import { readAsItLies } from '../owner/handed-input.ts'
import type { StateTasks, TakenArchives } from '../owner/state-tasks.ts'
import { verify } from '../verify.ts'
import type { AuditPart } from './report.ts'
import { notWritten } from './report.ts'

type Unread = { serial: string; code: string; counters: readonly { from: number; to: number }[]; until?: string }

/**
 * What was taken out of TSEs that no register signs with any more, and what was read back from them, as it lies in the state
 * directory: no unit is asked for it. `inUse`: serial numbers of those that are; `lost` those of them in whose place others
 * are, so that nobody can ask them either.
 */
export async function writeFormerArchives(
  state: string,
  tasks: Pick<StateTasks, 'takenArchives'>,
  { inUse, lost }: { inUse: readonly string[]; lost: readonly string[] },
  folder: string,
): Promise<AuditPart[]> {
  const [used, gone] = [foldersOf(inUse), foldersOf(lost)]
  const parts: AuditPart[] = []
  const taken = (await tasks.takenArchives()).filter(({ unit }) => !used.has(unit) || gone.has(unit))
  for (const archives of taken) {
    const written = await writeKept(join(state, 'archives'), archives, folder)
    parts.push(...written.map((part) => (gone.has(archives.unit) ? { ...part, partial: true as const } : part)))
  }
  return parts
}

function foldersOf(serials: readonly string[]): ReadonlySet<string> {
  return new Set(serials.map(unitFolder))
}

/** Each whole archive, and one of all that was read back since. */
async function writeKept(
  directory: string,
  { unit, files, portions }: TakenArchives,
  folder: string,
): Promise<AuditPart[]> {
  const parts: AuditPart[] = []
  for (const name of files) {
    const archive = () => readAsItLies(join(directory, unit, name))
    // Deleted in portions, each begins behind the one before; none has a gap, as when it was taken out.
    parts.push(...(await writeFormerArchive(archive, `tse-${unit}-${name}`, folder, { filtered: false })))
  }
  // What is damaged the comparison with the journal names.
  const readable = await readableFiles(portions, readAsItLies)
  const [first, last] = [readable.at(0), readable.at(-1)]
  if (first === undefined || last === undefined) return parts
  const name = `tse-${unit}-${first.first}-${last.last}.tar`
  const joined = () => joinedFiles(readable, {}, readAsItLies)
  const written = await writeFormerArchive(joined, name, folder, { filtered: true })
  return [...parts, ...written.map((part) => ({ ...part, partial: true as const, readBack: true as const }))]
}

/** Archives of deleted logs that an export found to be gone. */
export function missingIn({ missing_archives: missing }: Members): string[] {
  return Array.isArray(missing) ? missing.map(String) : []
}

/** What an export could only take from the state directory, since its TSE cannot be read. */
export function unreadIn({ unread }: Members): Unread | undefined {
  return unread as Unread | undefined
}

/** The part that such a file is: signed logs, and not all of them. */
export function readBefore(part: AuditPart, { serial, code, counters, until }: Unread): AuditPart {
  const spans = counters.map(({ from, to }) => `${from} bis ${to}`).join(', ')
  const time = until === undefined ? '' : `, die jüngste vom ${until}`
  const what =
    `Die TSE ${serial} ist nicht lesbar (${code}). Die Datei hat die Protokolle, die vorher zurückgelesen wurden: Signaturzähler ${spans}${time}. ` +
    'Was sie seither signiert hat, steht nur im Journal.'
  return { ...part, valid: false, partial: true, findings: [what, ...part.findings] }
}

/** An archive without them is what is left. */
export function missingArchives(part: AuditPart, missing: readonly string[]): AuditPart {
  const told = new BookFindings(LAW_BOOKS)
  for (const file of missing) told.add('tse_archive_missing', 0, { file })
  const findings = told.all().map((finding) => describeBooks(finding, 'de', LAW_BOOKS))
  return { ...part, valid: false, findings: [...findings, ...part.findings] }
}

async function writeFormerArchive(
  archive: () => AsyncIterable<Uint8Array>,
  file: string,
  folder: string,
  { filtered }: { filtered: boolean },
): Promise<AuditPart[]> {
  try {
    await writeDurably(join(folder, file), archive(), 0o600)
    const verdicts = await verify(join(folder, file), { partial: true, filtered }, 'de')
    return verdicts.map(({ valid, summary, findings }) => ({ name: file, valid, summary, findings }))
  } catch (error) {
    return [notWritten(file, error)]
  }
}
