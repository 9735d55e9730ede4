import { DeviceError } from '../errors.ts'
import type { TseExportFilter, TseRecall, TseSignature } from '../ports/tse.ts'
import { unlessAbsent } from '../refusals.ts'
import { INFO_FILE_NAME, isCertificateFileName } from '../tr03151/file-name.ts'
import { filteredArchive } from '../tr03151/filtered-archive.ts'
import { newestOf, recallFromArchive } from '../tr03151/recall.ts'
import { rawEntries, tarEnd } from '../tr03151/tar.ts'
import type { Card, CommandName } from './card.ts'
import type { Parameter } from './codec.ts'
import { u32, u64 } from './codec.ts'

/** Runs an act in the queue of the card. */
type Ask = <T>(act: (expired: AbortSignal) => Promise<T>) => Promise<T>

const ANY_TRANSACTION = 0xffffffff
/** Logs in one portion: about 100 KB, some dozen blocks, during which sales wait. */
const PORTION_RECORDS = 64
/** More than the logs of one transaction take. */
const RECALL_MAX_BYTES = 4 << 20
const PORTION_MAX_BYTES = 16 << 20
/** A longer filtered archive is built from portions. */
const GATHERED_MAX_BYTES = 16 << 20

/**
 * The archive of some transactions, a time or a client: in one command that blocks the card until it ends. If that
 * would be too long, it is filtered from the portions of the whole archive, with sales in between.
 */
export async function* archiveOf(
  card: Card,
  filter: TseExportFilter,
  ask: Ask,
  bytesMax = GATHERED_MAX_BYTES,
): AsyncGenerator<Uint8Array> {
  const parameters = exportParameters(filter)
  const whole = await ask(async (expired) => {
    const { bytes, chunks } = await card.archive('exportData', parameters, expired)
    return bytes > bytesMax ? undefined : gathered(chunks, bytesMax)
  })
  if (whole === undefined) yield* filteredPortions(card, filter, ask)
  else yield whole
}

async function* filteredPortions(card: Card, filter: TseExportFilter, ask: Ask): AsyncGenerator<Uint8Array> {
  const first = filter.transactionFrom
  const recall = first === undefined ? undefined : await ask((expired) => recallOf(card, first, expired))
  const after = (recall?.start?.signatureCounter ?? 1) - 1
  yield* filteredArchive(portionsOf(card, ask, after, true), filter)
}

/**
 * One archive, read in portions: info and certificates are in the first one, the end in the last one. `afterCounter`: the
 * last log of an archive that stopped, which is continued.
 */
export async function* portionsOf(
  card: Card,
  ask: Ask,
  afterCounter: number | undefined,
  isBeginning = afterCounter === undefined,
): AsyncGenerator<Uint8Array> {
  const { serial, signatures } = await ask((expired) => card.counters(expired))
  let after = afterCounter ?? 0
  for (let isFirst = isBeginning; after < signatures; isFirst = false) {
    const previous = after
    const portion = await ask((expired) =>
      unlessAbsent(() =>
        gatheredFrom(card, 'exportMoreData', moreParameters(serial, previous), PORTION_MAX_BYTES, expired),
      ),
    )
    // A failed signature also uses a counter (TR-03153-1 §9.2), so there may be no log after the last one.
    if (portion === undefined) break
    const entries = [...rawEntries(portion)]
    for (const { name } of entries) after = Math.max(after, counterOf(name))
    if (after === previous) throw new DeviceError('no_data', 'none', 'the card gave no log after the last portion')
    yield Buffer.concat(entries.filter(({ name }) => isFirst || !isCommon(name)).map(({ bytes }) => bytes))
  }
  if (after === 0) throw new DeviceError('no_data', 'none', 'the card holds no logs')
  yield tarEnd
}

/** The logs of one transaction, from its own small archive; undefined if the card does not have them. */
export function recallOf(card: Card, transaction: number, expired: AbortSignal): Promise<TseRecall | undefined> {
  const parameters = exportParameters({ transactionFrom: transaction, transactionTo: transaction })
  return unlessAbsent(async () => {
    const archive = await gatheredFrom(card, 'exportData', parameters, RECALL_MAX_BYTES, expired)
    return await recallFromArchive(archive, transaction)
  })
}

/** Searches the newest few dozen logs; the signature check of the result distinguishes clients. */
export async function newestLogOf(
  card: Card,
  transaction: number | undefined,
  client: string,
  expired: AbortSignal,
): Promise<TseSignature | undefined> {
  const { serial, signatures } = await card.counters(expired)
  const parameters = moreParameters(serial, Math.max(0, signatures - PORTION_RECORDS))
  const archive = await unlessAbsent(() => gatheredFrom(card, 'exportMoreData', parameters, PORTION_MAX_BYTES, expired))
  return archive && newestOf(archive, transaction, client)
}

function exportParameters(filter: TseExportFilter): readonly Parameter[] {
  const { clientId = '', transactionFrom, transactionTo, timeFromMs, timeToMs } = filter
  const isOne = transactionFrom !== undefined && transactionFrom === transactionTo
  const hasRange = !isOne && (transactionFrom !== undefined || transactionTo !== undefined)
  return [
    { type: 'text', value: clientId },
    long(isOne ? transactionFrom : ANY_TRANSACTION),
    long(hasRange ? (transactionFrom ?? 0) : 0),
    long(hasRange ? (transactionTo ?? ANY_TRANSACTION) : ANY_TRANSACTION),
    timeFromMs === undefined ? long(0) : { type: 'bytes', value: u64(Math.floor(timeFromMs / 1000)) },
    timeToMs === undefined ? long(ANY_TRANSACTION) : { type: 'bytes', value: u64(Math.floor(timeToMs / 1000)) },
    long(0),
  ]
}

function moreParameters(serial: Uint8Array, after: number): readonly Parameter[] {
  return [{ type: 'bytes', value: serial }, long(after), long(PORTION_RECORDS)]
}

function long(value: number): Parameter {
  return { type: 'bytes', value: u32(value) }
}

async function gatheredFrom(
  card: Card,
  name: CommandName,
  parameters: readonly Parameter[],
  bytesMax: number,
  expired: AbortSignal,
): Promise<Buffer> {
  return gathered((await card.archive(name, parameters, expired)).chunks, bytesMax)
}

async function gathered(stream: AsyncIterable<Buffer>, bytesMax: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of stream) {
    parts.push(part)
    bytes += part.length
    if (bytes > bytesMax) throw new DeviceError('refused', 'none', `the answer is longer than ${bytesMax} bytes`)
  }
  return Buffer.concat(parts)
}

function isCommon(name: string): boolean {
  return name === INFO_FILE_NAME || isCertificateFileName(name)
}

function counterOf(name: string): number {
  return Number(/_Sig-(\d+)_/.exec(name)?.[1] ?? 0)
}
