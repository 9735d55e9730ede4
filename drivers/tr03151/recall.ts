import type { X509Certificate } from 'node:crypto'
import type { TseLog, TseRecall } from '../ports/tse.ts'
import { chainFor, readCertificate } from './certificate.ts'
import { readTlv } from './der.ts'
import { isCertificateFileName } from './file-name.ts'
import type { LogMessage } from './log-message.ts'
import { parseLogMessage, transactionOperation } from './log-message.ts'
import { readTar } from './tar.ts'

/**
 * The start and finish of one transaction from an archive with its logs; undefined if the archive does not have them.
 */
export async function recallFromArchive(archive: Uint8Array, transaction: number): Promise<TseRecall | undefined> {
  const own: LogMessage[] = []
  for await (const log of logsIn(archive)) if (log.transaction === transaction) own.push(log)
  return recalled(own)
}

/** The recall made of the logs of one transaction; undefined without logs. */
export function recalled(logs: readonly LogMessage[]): TseRecall | undefined {
  const start = logs.find((log) => transactionOperation(log) === 'Start')
  const finish = logs.find((log) => transactionOperation(log) === 'Finish')
  const clientId = (start ?? finish)?.clientId
  if (clientId === undefined) return undefined
  return {
    clientId,
    start: start && signatureOf(start),
    finish: finish && { ...signatureOf(finish), processType: finish.processType, processData: finish.processData },
  }
}

/** The newest log of the transaction in an archive; without a number, of the newest start of the client. */
export async function newestOf(
  archive: Uint8Array,
  transaction: number | undefined,
  clientId: string,
): Promise<TseLog | undefined> {
  let newest: LogMessage | undefined
  for await (const log of logsIn(archive)) {
    const isWanted =
      transaction === undefined
        ? log.clientId === clientId && transactionOperation(log) === 'Start'
        : log.transaction === transaction
    if (isWanted && log.counter > (newest?.counter ?? 0)) newest = log
  }
  return newest && signatureOf(newest)
}

/** The logs of transactions in an archive, in its order. */
export async function* logsIn(archive: Uint8Array): AsyncGenerator<LogMessage> {
  for await (const { name, content } of readTar(once(archive)))
    if (content !== undefined && /_Log-Tra_/i.test(name)) yield parseLogMessage(content)
}

/**
 * The certificate of a key and those above it, leaf first, from an archive, PEM or a chain of DER: devices return them
 * in any order. Empty if that of the key is missing.
 */
export async function chainIn(bytes: Uint8Array, point: Uint8Array): Promise<readonly Uint8Array[]> {
  const pool = (await certificatesIn(bytes)).flatMap(readable)
  return chainFor(point, pool).map(({ raw }) => raw)
}

function readable(der: Uint8Array): X509Certificate[] {
  try {
    return [readCertificate(der)]
  } catch {
    // Card-verifiable certificates, and others that OpenSSL cannot read.
    return []
  }
}

/** In the order of the archive. */
async function certificatesIn(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
  // A name in an archive may begin with the digit 0, which is the first byte of DER too.
  const isArchive = Buffer.from(bytes.subarray(MAGIC_AT, MAGIC_AT + 5)).toString('latin1') === 'ustar'
  if (!isArchive) return certificatesOf(bytes)
  const certificates: Uint8Array[] = []
  for await (const { name, content } of readTar(once(bytes)))
    if (content !== undefined && isCertificateFileName(name)) certificates.push(...certificatesOf(content))
  return certificates.slice(0, CERTIFICATES_MAX)
}

/** PEM or DER, one after the other; empty if it is neither. */
export function certificatesOf(bytes: Uint8Array): readonly Uint8Array[] {
  return bytes[0] === 0x30 ? chainOf(bytes) : pemOf(bytes)
}

const CERTIFICATES_MAX = 16
/** Position of an archive entry's magic (POSIX.1-1988). */
const MAGIC_AT = 257
const PEM_BLOCK = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g

function pemOf(bytes: Uint8Array): readonly Uint8Array[] {
  return [...Buffer.from(bytes).toString('latin1').matchAll(PEM_BLOCK)]
    .slice(0, CERTIFICATES_MAX)
    .map(([, base64 = '']) => Buffer.from(base64, 'base64'))
}

function chainOf(bytes: Uint8Array): readonly Uint8Array[] {
  const certificates: Uint8Array[] = []
  // Some buffers are longer than their content.
  for (let rest = bytes; rest[0] === 0x30 && certificates.length < CERTIFICATES_MAX; ) {
    const { encoded } = readTlv(rest)
    certificates.push(encoded)
    rest = rest.subarray(encoded.length)
  }
  return certificates
}

function signatureOf(log: LogMessage): TseLog {
  return {
    transaction: log.transaction ?? 0,
    signatureCounter: log.counter,
    logTimeMs: log.time.ms,
    signature: log.signature,
    signedPart: log.signedPart,
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
