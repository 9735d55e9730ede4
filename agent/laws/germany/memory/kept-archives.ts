import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { DeviceError } from '../../../../drivers/errors.ts'
import type { TseExportFilter } from '../../../../drivers/ports/tse.ts'
import { INFO_FILE_NAME, isCertificateFileName } from '../../../../drivers/tr03151/file-name.ts'
import { asFiltered, isWanted } from '../../../../drivers/tr03151/filter.ts'
import { parseLogMessage } from '../../../../drivers/tr03151/log-message.ts'
import type { TarEntry } from '../../../../drivers/tr03151/tar.ts'
import { readTar, tarEnd } from '../../../../drivers/tr03151/tar.ts'
import { FiskalError } from '../../../errors.ts'
import type { View } from '../../../journal/projections/view.ts'

/** The record of a TSE archive in the state directory. */
export type KeptArchive = {
  /** Relative to `archives/`. */
  file: string
  bytes: number
  /** Hex, as sha256sum prints it. */
  sha256: string
  first_counter: number
  last_counter: number
  logs: number
  /** Used memory of the unit. */
  memory_percent: number
  archived_at: string
  /** When the unit deleted these logs; the file is the only copy since then. */
  deleted_at: string | null
}

/** A running deletion, until its outcome in the unit is known. */
export type Deletion = { file: string; last_counter: number; transaction: number; intended_at: string }

/** The unit did not delete when the configuration required it, because that many transactions were open. */
export type DeletionRefusal = { at: string; open: number }

export type TseMemoryFacts = {
  archives: readonly KeptArchive[]
  deletion: Deletion | undefined
  refused: DeletionRefusal | undefined
}

/** The stored form: its members are frozen. */
export type StoredMemory = {
  readonly archives?: readonly KeptArchive[]
  readonly deletion?: Deletion | null
  readonly deletion_refused?: DeletionRefusal | null
}

/** The journal's records about the archives of a TSE, by its serial number. */
export function memoryFacts(view: View, serial: string): TseMemoryFacts {
  const { archives, deletion, deletion_refused: refused } = (view.tse(serial)?.shown ?? {}) as StoredMemory
  return { archives: archives ?? [], deletion: deletion ?? undefined, refused: refused ?? undefined }
}

/** The last counter that the unit has deleted; 0 if it holds all. */
export function deletedCounter(archives: readonly KeptArchive[]): number {
  return Math.max(0, ...archives.filter(({ deleted_at }) => deleted_at !== null).map((archive) => archive.last_counter))
}

/** Paths of the archives with the logs that the unit has deleted, in log order. */
export function removedLogs(view: View, serial: string, directory: string): readonly string[] {
  return memoryFacts(view, serial)
    .archives.filter((archive) => archive.deleted_at !== null)
    .toSorted((one, other) => one.first_counter - other.first_counter)
    .map(({ file }) => join(directory, file))
}

/**
 * Joins the logs that were taken out of a TSE with those still in it: info.csv and certificates once, logs unchanged.
 */
export async function* joinedArchive(
  kept: readonly string[],
  rest: AsyncIterable<Uint8Array>,
  filter: TseExportFilter,
): AsyncGenerator<Uint8Array> {
  let logs = 0
  for (const [index, path] of kept.entries()) {
    for await (const entry of readTar(createReadStream(path))) {
      if (index === 0 && isCommonFile(entry)) yield* entry.parts
      if (!answers(entry, filter)) continue
      logs += 1
      yield* entry.parts
    }
  }
  yield* logs > 0 ? orNothing(logsOf(rest)) : logsOf(rest)
  yield tarEnd
}

async function* logsOf(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const entry of readTar(archive)) if (!isCommonFile(entry)) yield* entry.parts
}

/** The unit may hold no log that matches the filter any longer. */
async function* orNothing(logs: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* logs
  } catch (error) {
    if (!(error instanceof DeviceError) || error.code !== 'no_data') throw error
  }
}

/** The error for a whole archive of which a file is missing. */
export function missingArchive(path: string): FiskalError {
  return new FiskalError(
    'unprocessable_entity',
    `${path} is missing, and the TSE no longer holds these logs. Restore it from your copy of the archives.`,
    { file: path },
  )
}

export function isCommonFile({ name }: TarEntry): boolean {
  return name === INFO_FILE_NAME || isCertificateFileName(name)
}

function answers({ name, content }: TarEntry, filter: TseExportFilter): boolean {
  return name.endsWith('.log') && content !== undefined && isWanted(asFiltered(parseLogMessage(content)), filter)
}
