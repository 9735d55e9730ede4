import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { DeviceError } from '../../drivers/errors.ts'
import type { Tse, TseExportFilter, TseSignature } from '../../drivers/ports/tse.ts'
import { findCurve, serialOfPoint, verifyPlain } from '../../drivers/tr03151/ecdsa.ts'
import type { TransactionOperation } from '../../drivers/tr03151/log-message.ts'
import { transactionPart } from '../../drivers/tr03151/log-message.ts'
import type { LogTimeFormat } from '../../drivers/tr03151/log-time.ts'
import { execFileSync } from '../waits.ts'

export const PROCESS_TYPE = 'Kassenbeleg-V1'
export const processData = Buffer.from('Beleg^7.00_0.00_0.00_0.00_0.00^7.00:Bar')

export async function sell(tse: Tse, count: number, clientId = 'till-1'): Promise<number> {
  let first = 0
  for (let i = 0; i < count; i += 1) {
    const { transaction } = await tse.start(clientId)
    await tse.finish(transaction, clientId, PROCESS_TYPE, processData)
    first ||= transaction
  }
  return first
}

export function plain({ transaction, signatureCounter, logTimeMs, signature }: TseSignature): TseSignature {
  return {
    transaction,
    signatureCounter,
    logTimeMs,
    signature: Buffer.from(signature),
  }
}

export async function expectSigned(
  tse: Tse,
  operation: TransactionOperation,
  clientId: string,
  signed: TseSignature,
  type: string,
  data: Uint8Array,
): Promise<void> {
  const { publicKey, algorithm, timeFormat } = await tse.identity()
  const frame = { serial: serialOfPoint(publicKey), algorithm, counter: signed.signatureCounter }
  const time = { timeFormat: timeFormat as LogTimeFormat, timeMs: signed.logTimeMs }
  const { transaction, signature } = signed
  const log = { operation, clientId, processData: data, processType: type, transaction, ...frame, ...time }
  const { curve, key } = findCurve(publicKey)
  expect(signature).toHaveLength(2 * curve.size)
  // A start log may omit its empty processType.
  const parts = [transactionPart(log), ...(type === '' ? [transactionPart({ ...log, omitProcessType: true })] : [])]
  expect(parts.some((part) => verifyPlain(key, algorithm, part, signature))).toBe(true)
}

export async function expectRefused(promise: Promise<unknown>, code: string): Promise<void> {
  const error = await promise.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(DeviceError)
  expect(error).toMatchObject({ code, effect: 'none' })
}

export async function expectUnknown(promise: Promise<unknown>, code: string): Promise<void> {
  const error = await promise.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(DeviceError)
  expect(error).toMatchObject({ code, effect: 'unknown' })
}

export async function collect(tse: Tse, filter: TseExportFilter): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of tse.exportLogs(filter)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The archive of a unit that exports in portions. */
export async function collectPortions(tse: Tse, filter: TseExportFilter, after = 0): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of tse.exportInPortions?.(filter, after) ?? []) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

export async function listed(archive: Uint8Array): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'tse-export-'))
  try {
    const path = join(directory, 'export.tar')
    await writeFile(path, archive)
    return execFileSync('tar', ['-tf', path]).toString().trim().split('\n')
  } finally {
    await rm(directory, { recursive: true })
  }
}
