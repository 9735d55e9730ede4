import { DeviceError } from '../errors.ts'
import type { TseExportFilter } from '../ports/tse.ts'
import { INFO_FILE_NAME, logFileName } from '../tr03151/file-name.ts'
import { isMatch, isWanted, isWhole } from '../tr03151/filter.ts'
import { infoCsv } from '../tr03151/info-csv.ts'
import { tarEnd, tarEntry } from '../tr03151/tar.ts'
import type { CertificateFile } from './certificate-files.ts'
import type { SeLog, SeState, SeStore } from './store.ts'

export type ExportSource = {
  store: SeStore
  /** State at the beginning of the export: later logs are not part of it. */
  state: SeState
  /** Host time, for the archive's mtime. */
  nowMs: number
  info: { description: string; manufacturer: string; version: string }
  /** As the archive has them. */
  certificates: readonly CertificateFile[]
}

type CounterRange = { first: number; last: number }

const CHUNK_BYTES = 65_536

/** Refuses filters that TR-03151 calls ErrorParameterMismatch. */
export function demandSensible(filter: TseExportFilter): void {
  const { transactionFrom, transactionTo, timeFromMs, timeToMs } = filter
  const byNumber = transactionFrom !== undefined || transactionTo !== undefined
  const byTime = timeFromMs !== undefined || timeToMs !== undefined
  const backwards = (from: number | undefined, to: number | undefined) =>
    from !== undefined && to !== undefined && to < from
  if ((byNumber && byTime) || backwards(transactionFrom, transactionTo) || backwards(timeFromMs, timeToMs))
    throw new DeviceError(
      'refused',
      'none',
      'either a range of transaction numbers or of dates, from before to, was expected',
      'ErrorParameterMismatch',
    )
}

/** The TAR archive of the filtered logs in chunks of about 64 KiB. Throws `no_data` before the first byte. */
export async function* exportArchive(
  source: ExportSource,
  filter: TseExportFilter,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { afterCounter } = filter
  if (afterCounter !== undefined) {
    const rest = { first: Math.max(afterCounter, source.state.deletedUpTo) + 1, last: source.state.signatureCounter }
    return yield* logsOf(source, rest, () => true, signal, [])
  }
  const range = await findRange(source, filter, signal)
  yield* archiveOf(source, range, (log) => isWanted(log, filter), signal)
}

/**
 * The next logs after a signature counter, at most `maxRecords` of them: a part of an archive that can be continued
 * after an interruption.
 */
export async function* exportPortion(
  source: ExportSource,
  after: number,
  maxRecords: number,
): AsyncGenerator<Uint8Array> {
  const { state } = source
  const first = Math.max(after, state.deletedUpTo) + 1
  if (first > state.signatureCounter) throw noData({})
  const last = Math.min(state.signatureCounter, first + maxRecords - 1)
  yield* archiveOf(source, { first, last }, () => true, undefined)
}

async function* archiveOf(
  source: ExportSource,
  range: CounterRange,
  wanted: (log: SeLog) => boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const mtimeS = Math.floor(source.nowMs / 1000)
  const parts: Uint8Array[] = [tarEntry(INFO_FILE_NAME, Buffer.from(infoCsv(source.info)), mtimeS)]
  for (const { name, content } of source.certificates) parts.push(tarEntry(name, content, mtimeS))
  yield* logsOf(source, range, wanted, signal, parts)
}

/** The logs after the entries that precede them in the archive. */
async function* logsOf(
  source: ExportSource,
  range: CounterRange,
  wanted: (log: SeLog) => boolean,
  signal: AbortSignal | undefined,
  parts: Uint8Array[],
): AsyncGenerator<Uint8Array> {
  const mtimeS = Math.floor(source.nowMs / 1000)
  let bytes = 0
  for await (const log of logsBetween(source.store, range, signal)) {
    if (!wanted(log)) continue
    const entry = tarEntry(nameOf(log), log.message, mtimeS)
    parts.push(entry)
    bytes += entry.length
    if (bytes >= CHUNK_BYTES) {
      yield Buffer.concat(parts.splice(0))
      bytes = 0
    }
  }
  yield Buffer.concat([...parts, tarEnd])
}

/** The range of counters of the archive; system and audit logs in between belong to it (TR-03151 §5). */
async function findRange(
  source: ExportSource,
  filter: TseExportFilter,
  signal: AbortSignal | undefined,
): Promise<CounterRange> {
  const { state, store } = source
  const all = { first: state.deletedUpTo + 1, last: state.signatureCounter }
  if (all.last < all.first) throw noData(filter)
  if (isWhole(filter)) return all
  const from = await firstCounter(source, filter)
  let first: number | undefined
  let last = 0
  let unfinished = expectedFinishes(state, filter)
  for await (const log of logsBetween(store, { first: Math.max(from, all.first), last: all.last }, signal)) {
    if (!isMatch(log, filter)) continue
    first ??= log.counter
    last = log.counter
    if (log.operation === 'Finish') unfinished -= 1
    if (unfinished === 0) break
  }
  if (first === undefined) throw noData(filter)
  return { first, last }
}

/** The start log of the first wanted transaction is the earliest that can match. */
async function firstCounter(source: ExportSource, filter: TseExportFilter): Promise<number> {
  if (filter.transactionFrom === undefined || filter.transactionFrom <= 1) return 1
  const [start] = await source.store.transaction(filter.transactionFrom)
  return start?.counter ?? 1
}

/**
 * The number of finish logs in a closed range of numbers, after which nothing more can match; Infinity for an open
 * range.
 */
function expectedFinishes(state: SeState, filter: TseExportFilter): number {
  const { transactionFrom = 1, transactionTo, clientId } = filter
  if (transactionTo === undefined || transactionTo > state.transactionCounter || clientId !== undefined) return Infinity
  const isOpen = state.open.some((entry) => entry.transaction >= transactionFrom && entry.transaction <= transactionTo)
  return isOpen ? Infinity : transactionTo - transactionFrom + 1
}

async function* logsBetween(
  store: SeStore,
  range: CounterRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<SeLog> {
  for await (const log of store.logs(range.first)) {
    if (signal?.aborted) throw new DeviceError('aborted', 'none', 'the export was cancelled')
    if (log.counter > range.last) return
    yield log
  }
}

function nameOf(log: SeLog): string {
  return logFileName({ ...log, time: `Unixt_${Math.floor(log.timeMs / 1000)}` })
}

function noData(filter: TseExportFilter): DeviceError {
  const original = filter.transactionFrom === undefined ? 'ErrorNoDataAvailable' : 'ErrorTransactionNumberNotFound'
  return new DeviceError('no_data', 'none', 'no log answers the filter', original)
}
