import { DeviceError } from '../errors.ts'
import type { TseExportFilter, TseRecall } from '../ports/tse.ts'
import { infoFileName, isCertificateFileName } from '../tr03151/file-name.ts'
import { recallFromArchive } from '../tr03151/recall.ts'
import { rawEntries, tarEnd } from '../tr03151/tar.ts'
import type { Card } from './card.ts'
import type { Parameter } from './codec.ts'
import { u32, u64 } from './codec.ts'

/** Runs an act in its turn on the card. */
type Ask = <T>(act: (expired: AbortSignal) => Promise<T>) => Promise<T>

const anyTransaction = 0xffffffff
/** Logs of one portion: about 100 KB, some dozen blocks, between which sales wait. */
const portionRecords = 64
/** All that one transaction can have. */
const recallBytesMax = 4 << 20
const portionBytesMax = 16 << 20

/** The archive of some transactions, a time or a client, in one go: the card is busy with it until its end. */
export async function* archiveOf(card: Card, filter: TseExportFilter, ask: Ask): AsyncGenerator<Uint8Array> {
  // Through one turn of the queue a stream would run on while others wait; so it is gathered, up to a limit.
  yield await ask((expired) => gathered(card.archive('exportData', exportParameters(filter), expired), portionBytesMax))
}

/**
 * The archive in portions that are one archive together: info and certificates once, one end. After a counter it goes on
 * with one that broke off there.
 */
export async function* portionsOf(card: Card, ask: Ask, afterCounter?: number): AsyncGenerator<Uint8Array> {
  const { serial, signatures } = await ask((expired) => card.counters(expired))
  let after = afterCounter ?? 0
  for (let isFirst = afterCounter === undefined; after < signatures; isFirst = false) {
    const previous = after
    const portion = await ask((expired) =>
      gathered(card.archive('exportMoreData', moreParameters(serial, previous), expired), portionBytesMax),
    )
    const entries = [...rawEntries(portion)]
    for (const { name } of entries) after = Math.max(after, counterOf(name))
    if (after === previous) throw new DeviceError('no_data', 'none', 'the card gave no log after the last portion')
    yield Buffer.concat(entries.filter(({ name }) => isFirst || !isCommon(name)).map(({ bytes }) => bytes))
  }
  if (signatures === 0) throw new DeviceError('no_data', 'none', 'the card holds no logs')
  yield tarEnd
}

/** The logs of one transaction, out of its own small archive; undefined when the card does not know it. */
export const recallOf = async (
  card: Card,
  transaction: number,
  expired: AbortSignal,
): Promise<TseRecall | undefined> => {
  const parameters = exportParameters({ transactionFrom: transaction, transactionTo: transaction })
  try {
    const archive = await gathered(card.archive('exportData', parameters, expired), recallBytesMax)
    return await recallFromArchive(archive, transaction)
  } catch (error) {
    if (error instanceof DeviceError && (error.code === 'no_data' || error.code === 'transaction_unknown'))
      return undefined
    throw error
  }
}

const exportParameters = (filter: TseExportFilter): readonly Parameter[] => {
  const { clientId = '', transactionFrom, transactionTo, timeFromMs, timeToMs } = filter
  const isOne = transactionFrom !== undefined && transactionFrom === transactionTo
  const hasRange = !isOne && (transactionFrom !== undefined || transactionTo !== undefined)
  return [
    { type: 'text', value: clientId },
    long(isOne ? transactionFrom : anyTransaction),
    long(hasRange ? (transactionFrom ?? 0) : 0),
    long(hasRange ? (transactionTo ?? anyTransaction) : anyTransaction),
    timeFromMs === undefined ? long(0) : { type: 'bytes', value: u64(Math.floor(timeFromMs / 1000)) },
    timeToMs === undefined ? long(anyTransaction) : { type: 'bytes', value: u64(Math.floor(timeToMs / 1000)) },
    long(0),
  ]
}

const moreParameters = (serial: Uint8Array, after: number): readonly Parameter[] => [
  { type: 'bytes', value: serial },
  long(after),
  long(portionRecords),
]

const long = (value: number): Parameter => ({ type: 'bytes', value: u32(value) })

const gathered = async (stream: AsyncIterable<Buffer>, bytesMax: number): Promise<Buffer> => {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of stream) {
    parts.push(part)
    bytes += part.length
    if (bytes > bytesMax) throw new DeviceError('refused', 'none', `the answer is longer than ${bytesMax} bytes`)
  }
  return Buffer.concat(parts)
}

const isCommon = (name: string): boolean => name === infoFileName || isCertificateFileName(name)

const counterOf = (name: string): number => Number(/_Sig-(\d+)_/.exec(name)?.[1] ?? 0)
