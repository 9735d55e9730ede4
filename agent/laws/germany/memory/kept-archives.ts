import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { DeviceError } from '../../../../drivers/errors.ts'
import type { TseExportFilter } from '../../../../drivers/ports/tse.ts'
import { infoFileName, isCertificateFileName } from '../../../../drivers/tr03151/file-name.ts'
import { asFiltered, isWanted } from '../../../../drivers/tr03151/filter.ts'
import { parseLogMessage } from '../../../../drivers/tr03151/log-message.ts'
import type { TarEntry } from '../../../../drivers/tr03151/tar.ts'
import { readTar, tarEnd } from '../../../../drivers/tr03151/tar.ts'
import { FiskalError } from '../../../errors.ts'
import type { Members } from '../../../journal/events.ts'
import type { View } from '../../../journal/projections/view.ts'

/** An archive of a TSE that lies in the state directory, as its record tells it. */
export type KeptArchive = {
  /** Below `archives/`. */
  file: string
  bytes: number
  /** Hex, as sha256sum prints it. */
  sha256: string
  first_counter: number
  last_counter: number
  logs: number
  /** How full the unit was. */
  memory_percent: number
  archived_at: string
  /** Since when these logs are here and in the unit no more. */
  deleted_at: string | null
}

/** What is being deleted, until the unit is known to have done it or not. */
export type Deletion = { file: string; last_counter: number; transaction: number; intended_at: string }

export type TseMemoryFacts = { archives: readonly KeptArchive[]; deletion: Deletion | undefined }

/** What the journal knows of the archives of a TSE, by its serial number. */
export function memoryFacts(view: View, serial: string): TseMemoryFacts {
  const document: Members = view.tse(serial)?.shown ?? {}
  const archives = (document['archives'] ?? []) as readonly KeptArchive[]
  return { archives, deletion: (document['deletion'] ?? undefined) as Deletion | undefined }
}

/** The last counter that the unit holds no more; 0 where it holds all. */
export function deletedCounter(archives: readonly KeptArchive[]): number {
  return Math.max(0, ...archives.filter(({ deleted_at }) => deleted_at !== null).map((kept) => kept.last_counter))
}

/** Paths of the archives that hold what the unit holds no more, in the order of their logs. */
export function removedLogs(view: View, serial: string, directory: string): readonly string[] {
  return memoryFacts(view, serial)
    .archives.filter((archive) => archive.deleted_at !== null)
    .toSorted((one, other) => one.first_counter - other.first_counter)
    .map(({ file }) => join(directory, file))
}

/** One archive of what was taken out of a TSE and what is still in it: info.csv and certificates once, every log as it stands. */
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

/** The unit may hold nothing that answers the filter any more. */
async function* orNothing(logs: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* logs
  } catch (error) {
    if (!(error instanceof DeviceError) || error.code !== 'no_data') throw error
  }
}

/** What a missing file means for whoever wants the whole archive. */
export function missingArchive(path: string): FiskalError {
  return new FiskalError(
    'unprocessable_entity',
    `${path} is missing: the TSE holds these logs no more. Copy it back from where the archives are kept.`,
    { file: path },
  )
}

export function isCommonFile({ name }: TarEntry): boolean {
  return name === infoFileName || isCertificateFileName(name)
}

function answers({ name, content }: TarEntry, filter: TseExportFilter): boolean {
  return name.endsWith('.log') && content !== undefined && isWanted(asFiltered(parseLogMessage(content)), filter)
}
