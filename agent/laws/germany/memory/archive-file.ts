import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Written } from '../../../../base/durable-file.ts'
import { steadily, syncDirectory } from '../../../../base/durable-file.ts'
import { codeOf } from '../../../../base/thrown.ts'
import { parseLogMessage } from '../../../../drivers/tr03151/log-message.ts'
import { MalformedError } from '../../../../drivers/tr03151/malformed.ts'
import { readTar } from '../../../../drivers/tr03151/tar.ts'
import type { TarReport } from '../../../../verify/tse/verify-tar.ts'
import { verifyTar } from '../../../../verify/tse/verify-tar.ts'
import { FiskalError } from '../../../errors.ts'
import type { spansOf } from './read-portions.ts'
import { findingLines, unsound } from './unsound.ts'

export type ArchiveFileOptions = {
  path: string
  /** The archive, or its part after a signature counter. */
  logs: (afterCounter: number | undefined) => AsyncIterable<Uint8Array>
  /** Serial number of the unit, 64 hex digits; undefined if unknown. */
  serial?: string | undefined
  /** Continues the `.part` file of an interrupted attempt. */
  resumes: boolean
  /** The archive was made with a filter: counters may have gaps. */
  filtered: boolean
  /** A fault in the unit itself does not stop the export: an auditor must get everything that exists. */
  asHeld?: boolean
  /** False if disk space is low: the journal needs it more. */
  hasRoom: () => boolean
}

export type ArchiveFile = Written & { report: TarReport }

const MODE = 0o600
const LOOK_BYTES = 4_000_000

/**
 * Writes an archive and verifies it while writing: every signature, counters without a gap. The file gets its name when
 * it is complete, valid and fsynced; until then it is `.part`, and a later attempt continues it. Throws
 * `unprocessable_entity` with the findings, `storage_unavailable`, and the errors of the unit. `before`: the findings
 * of the previous read.
 */
export async function writeArchive(options: ArchiveFileOptions, before?: TarReport): Promise<ArchiveFile> {
  const part = `${options.path}.part`
  const found = options.resumes ? await wholePart(part) : nothing
  const { filtered } = options
  const written = await writePart(part, found, options, (chunks) => verifyTar(chunks, { filtered }))
  const { report } = written
  const isForeign = options.serial !== undefined && report.serial !== options.serial
  if (isForeign || !(report.sound || isHeldSo(report, before))) {
    await rm(part, { force: true })
    const anew = { ...options, resumes: false }
    // The two parts do not match: the unit deleted logs in between, or it is another unit.
    if (found.bytes > 0) return writeArchive(anew)
    if (options.asHeld === true && !isForeign && before === undefined) return writeArchive(anew, report)
    throw unsound('archive', report, isForeign)
  }
  await rename(part, options.path)
  await syncDirectory(dirname(options.path))
  return written
}

/** As {@link writeArchive}, for a reader that checks the file: it may be of another unit, faulty or incomplete. */
export async function writeUnchecked({ path, logs, hasRoom }: ArchiveFileOptions): Promise<Written> {
  const part = `${path}.part`
  const { report: _, ...written } = await writePart(part, nothing, { path, logs, hasRoom, resumes: false }, drained)
  await rename(part, path)
  await syncDirectory(dirname(path))
  return written
}

async function drained(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of chunks);
}

/** A faulty line corrupts a different place each time: a finding that occurs twice is in the unit. */
function isHeldSo({ findings, findingCount }: TarReport, before: TarReport | undefined): boolean {
  return before?.findingCount === findingCount && isDeepStrictEqual(before.findings, findings)
}

type Found = { bytes: number; lastCounter: number | undefined }
const nothing: Found = { bytes: 0, lastCounter: undefined }

/** `read` reads the archive while it is written. */
async function writePart<Report>(
  part: string,
  found: Found,
  options: Pick<ArchiveFileOptions, 'path' | 'logs' | 'resumes' | 'hasRoom'>,
  read: (chunks: AsyncIterable<Uint8Array>) => Promise<Report>,
): Promise<Written & { report: Report }> {
  const digest = createHash('sha256')
  let bytes = 0
  const file = await open(part, 'a', MODE)
  const write = steadily(file)
  const pass = async function* (): AsyncGenerator<Uint8Array> {
    const chunks = found.bytes > 0 ? createReadStream(part, { end: found.bytes - 1 }) : []
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      digest.update(chunk)
      bytes += chunk.length
      yield chunk
    }
    for await (const chunk of options.logs(found.lastCounter)) {
      demandSpace(bytes, chunk.length, options.hasRoom)
      await write(chunk)
      digest.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
  try {
    // Also if a file left on a larger disk had another mode.
    await file.chmod(MODE)
    await file.truncate(found.bytes)
    const report = await read(pass())
    await file.sync()
    return { bytes, sha256: digest.digest('hex'), report }
  } catch (error) {
    if (!options.resumes || error instanceof FiskalError) await rm(part, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

function demandSpace(before: number, more: number, hasRoom: () => boolean): void {
  const isNext = Math.floor(before / LOOK_BYTES) < Math.floor((before + more) / LOOK_BYTES)
  if (isNext && !hasRoom()) {
    const message = 'The disk is too small for the archive: what is left is the journal’s.'
    throw new FiskalError('storage_unavailable', message, {}, { retryAfterSeconds: 3600 })
  }
}

/** How far the complete logs of a partly written archive go; nothing if the file is missing or not an archive. */
async function wholePart(part: string): Promise<Found> {
  let found = nothing
  let bytes = 0
  try {
    for await (const { name, content, parts } of readTar(createReadStream(part))) {
      bytes += parts.reduce((sum, { length }) => sum + length, 0)
      if (content !== undefined && name.endsWith('.log'))
        found = { bytes, lastCounter: parseLogMessage(content).counter }
    }
  } catch (error) {
    const isMissing = codeOf(error) === 'ENOENT'
    if (!isMissing && !(error instanceof MalformedError)) throw error
  }
  return found
}

/** An archive that was written, and what is not in it: files of deleted logs, or the logs of an unreadable unit. */
export type WrittenArchive = (ReturnType<typeof archiveMembers> | UncheckedArchive) & {
  readonly missing_archives?: readonly string[]
  readonly unread?: Unread
}
/** `serial`: that of the unit, if it is known. */
export type UncheckedArchive = Written & { readonly unchecked: true; readonly serial?: string }
/** `until`: the time of the newest log at hand. */
type Unread = {
  readonly serial: string
  readonly code: string
  readonly message: string
  readonly counters: ReturnType<typeof spansOf>
  readonly until?: string
}

export function archiveMembers({ report, ...written }: ArchiveFile) {
  const { logs, firstCounter, lastCounter, findingCount, sound } = report
  const counters = { first_counter: firstCounter ?? null, last_counter: lastCounter ?? null }
  const findings = sound ? {} : { findings: findingLines(report.findings) }
  return { ...written, ...findings, verified: { logs, ...counters, findings: findingCount } }
}
