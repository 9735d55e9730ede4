import { join } from 'node:path'
import { writeDurably } from '../../../base/durable-file.ts'
import type { RightSignatures } from '../../../verify/tse/right-signatures.ts'
import { BookFindings } from '../../journal/books/findings.ts'
import { joinedFiles, readableFiles, unitFolder } from '../../laws/germany/memory/read-portions.ts'
import { LAW_BOOKS } from '../../laws/law-books.ts'
import { readAsItLies } from '../owner/handed-input.ts'
import type { StateTasks, TakenArchives } from '../owner/state-tasks.ts'
import { verify } from '../verify.ts'
import type { AuditPart } from './audit-part.ts'
import { bookWords, notWritten } from './audit-part.ts'

/**
 * The answer of an export of archives. `missing_archives`: those of deleted logs that it did not find; `unread`: the logs
 * that it took from the state directory, because their TSE cannot be read.
 */
export type ExportedArchive = { readonly missing_archives?: readonly string[]; readonly unread?: Unread }
/** `known`: right signatures of this audit. */
type Place = { readonly folder: string; readonly known: RightSignatures }
type Unread = { serial: string; code: string; counters: readonly { from: number; to: number }[]; until?: string }

/**
 * Writes the archives in the state directory of TSEs that no register uses any longer: the exported ones and the logs that
 * were read back. No unit is called. `inUse`: serial numbers of the units in use; `lost`: those among them that are not
 * connected, because other units are.
 */
export async function writeFormerArchives(
  state: string,
  tasks: Pick<StateTasks, 'takenArchives'>,
  { inUse, lost }: { inUse: readonly string[]; lost: readonly string[] },
  place: Place,
): Promise<AuditPart[]> {
  const [used, unreachable] = [foldersOf(inUse), foldersOf(lost)]
  const parts: AuditPart[] = []
  const taken = (await tasks.takenArchives()).filter(({ unit }) => !used.has(unit) || unreachable.has(unit))
  for (const archives of taken) {
    const written = await writeKept(join(state, 'archives'), archives, place)
    parts.push(...written.map((part) => (unreachable.has(archives.unit) ? { ...part, partial: true as const } : part)))
  }
  return parts
}

function foldersOf(serials: readonly string[]): ReadonlySet<string> {
  return new Set(serials.map(unitFolder))
}

/** Writes each exported archive, and one archive of all logs that were read back since. */
async function writeKept(
  directory: string,
  { unit, files, portions }: TakenArchives,
  place: Place,
): Promise<AuditPart[]> {
  const parts: AuditPart[] = []
  for (const name of files) {
    const archive = () => readAsItLies(join(directory, unit, name))
    // Logs are deleted in portions: each archive begins after the one before, and none has a gap.
    parts.push(...(await writeFormerArchive(archive, `tse-${unit}-${name}`, place, { filtered: false })))
  }
  // The comparison with the journal reports damaged files.
  const readable = await readableFiles(portions, readAsItLies)
  const [first, last] = [readable.at(0), readable.at(-1)]
  if (first === undefined || last === undefined) return parts
  const name = `tse-${unit}-${first.first}-${last.last}.tar`
  const joined = () => joinedFiles(readable, {}, readAsItLies)
  const written = await writeFormerArchive(joined, name, place, { filtered: true })
  return [...parts, ...written.map((part) => ({ ...part, partial: true as const, readBack: true as const }))]
}

/** The part for such a file: its logs are signed and incomplete. */
export function readBefore(part: AuditPart, { serial, code, counters, until }: Unread): AuditPart {
  const spans = counters.map(({ from, to }) => `${from} bis ${to}`).join(', ')
  const time = until === undefined ? '' : `, die jüngste vom ${until}`
  const what =
    `Die TSE ${serial} ist nicht lesbar (${code}). Die Datei hat die Protokolle, die vorher zurückgelesen wurden: Signaturzähler ${spans}${time}. ` +
    'Was sie seither signiert hat, steht nur im Journal.'
  return { ...part, valid: false, partial: true, findings: [what, ...part.findings] }
}

/** The part for an archive in which the logs of missing files are absent. */
export function missingArchives(part: AuditPart, missing: readonly string[]): AuditPart {
  const ofArchives = new BookFindings(LAW_BOOKS)
  for (const file of missing) ofArchives.add('tse_archive_missing', 0, { file })
  return { ...part, valid: false, findings: [...bookWords(ofArchives.all(), 'de'), ...part.findings] }
}

async function writeFormerArchive(
  archive: () => AsyncIterable<Uint8Array>,
  file: string,
  { folder, known }: Place,
  { filtered }: { filtered: boolean },
): Promise<AuditPart[]> {
  try {
    await writeDurably(join(folder, file), archive(), 0o600)
    const verdicts = await verify(join(folder, file), { partial: true, filtered, known }, 'de')
    return verdicts.map(({ valid, summary, findings }) => ({ name: file, valid, summary, findings }))
  } catch (error) {
    return [notWritten(file, error, 'de')]
  }
}
