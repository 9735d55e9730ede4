import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { DeviceError } from '../../../../drivers/errors.ts'
import type { TseExportFilter } from '../../../../drivers/ports/tse.ts'
import { INFO_FILE_NAME } from '../../../../drivers/tr03151/file-name.ts'
import { asFiltered, isWanted } from '../../../../drivers/tr03151/filter.ts'
import { infoCsv } from '../../../../drivers/tr03151/info-csv.ts'
import type { LogMessage } from '../../../../drivers/tr03151/log-message.ts'
import { parseLogMessage } from '../../../../drivers/tr03151/log-message.ts'
import type { TarEntry } from '../../../../drivers/tr03151/tar.ts'
import { readTar, tarEnd, tarEntry } from '../../../../drivers/tr03151/tar.ts'
import { isCommonFile } from './kept-archives.ts'

/** An archive in the state directory, and the signature counters of its logs. */
export type KeptFile = { readonly path: string; readonly first: number; readonly last: number }
type Span = { from: number; to: number }
type Open = (path: string) => Readable

const ORIGIN = { description: 'logs read back from the TSE by fiskal-edge', manufacturer: '', version: '' }
/** File name: first and last signature counter. */
export const PORTION_NAME = /^(\d+)-(\d+)\.tar\.gz$/

/** Folder of a unit's archives, relative to `archives/`. */
export function unitFolder(serial: string): string {
  return serial.slice(0, 16)
}

/** The portions read back from a unit, in log order. `folder`: that of the unit below `archives/read`. */
export async function portionsIn(folder: string): Promise<KeptFile[]> {
  const files = (await readdir(folder).catch(() => [])).flatMap((name) => {
    const [, first, last] = PORTION_NAME.exec(name) ?? []
    return first === undefined ? [] : [{ path: join(folder, name), first: Number(first), last: Number(last) }]
  })
  return inOrder(files)
}

export function inOrder(files: readonly KeptFile[]): KeptFile[] {
  return files.toSorted((one, other) => one.first - other.first || one.last - other.last)
}

/** The files that can be read completely: a damaged one must not make the others unusable. */
export async function readableFiles(files: readonly KeptFile[], open: Open = createReadStream): Promise<KeptFile[]> {
  const readable: KeptFile[] = []
  for (const file of files) if (await isReadable(file, open)) readable.push(file)
  return readable
}

async function isReadable({ path }: KeptFile, open: Open): Promise<boolean> {
  try {
    for await (const entry of readTar(unpacked(path, open))) logIn(entry)
    return true
  } catch {
    return false
  }
}

/** Ranges of signature counters that the files have without a gap. */
export function spansOf(files: readonly KeptFile[]): Span[] {
  const spans: Span[] = []
  for (const { first, last } of inOrder(files)) {
    const before = spans.at(-1)
    if (before !== undefined && first <= before.to + 1) before.to = Math.max(before.to, last)
    else spans.push({ from: first, to: last })
  }
  return spans
}

/**
 * Joins files into one archive in their order: info.csv and certificates once, each log once. An export after a counter
 * has no info.csv, so a description of the source is added. Throws `no_data` if no log matches the filter.
 */
export async function* joinedFiles(
  files: readonly KeptFile[],
  filter: TseExportFilter,
  open: Open = createReadStream,
): AsyncGenerator<Uint8Array> {
  let [entries, logs] = [0, 0]
  for await (const { entry, log } of entriesIn(files, open)) {
    if (entries === 0 && entry.name !== INFO_FILE_NAME) yield tarEntry(INFO_FILE_NAME, Buffer.from(infoCsv(ORIGIN)), 0)
    entries += 1
    if (log !== undefined && !isWanted(asFiltered(log), filter)) continue
    if (log !== undefined) logs += 1
    yield* entry.parts
  }
  if (logs === 0) throw new DeviceError('no_data', 'none', 'no log that was read back answers the filter')
  yield tarEnd
}

async function* entriesIn(
  files: readonly KeptFile[],
  open: Open,
): AsyncGenerator<{ entry: TarEntry; log: LogMessage | undefined }> {
  const seen = new Set<string>()
  let highest = 0
  for (const { path, last } of files) {
    for await (const entry of readTar(unpacked(path, open))) {
      const log = logIn(entry)
      const isNew = log === undefined ? isCommonFile(entry) && !seen.has(entry.name) : log.counter > highest
      if (log === undefined) seen.add(entry.name)
      if (isNew) yield { entry, log }
    }
    highest = Math.max(highest, last)
  }
}

function logIn({ name, content }: TarEntry): LogMessage | undefined {
  return name.endsWith('.log') && content !== undefined ? parseLogMessage(content) : undefined
}

/** The archive in such a file, unpacked. */
export function unpacked(path: string, open: Open = createReadStream): Readable {
  if (!path.endsWith('.gz')) return open(path)
  // The reader gets the error of either stream.
  return pipeline(open(path), createGunzip(), () => undefined)
}
