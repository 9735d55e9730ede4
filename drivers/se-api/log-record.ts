import { crc32 } from 'node:zlib'
import type { SeLog, SeState } from './store.ts'

/**
 * One record of the log file: u32 length of the body, u32 CRC-32 of the body, body. The body of a log is kind, counter
 * (u48), transaction (u48, 0 none), logTime (f64 ms), operation, clientId (u8 length each), the state after it (u32
 * length of JSON, 0 if the log determines it), message. A record without message is only a change of state.
 */
export type LogRecord = { log: SeLog | undefined; state: SeState | undefined }

const HEADER_BYTES = 8
const FIXED_BYTES = 21
const kinds: readonly (SeLog['kind'] | undefined)[] = [undefined, 'Tra', 'Sys', 'Aud']
/** processData is limited far below this; a longer record is invalid. */
export const RECORD_MAX_BYTES = 1 << 22

export function encodeRecord({ log, state }: LogRecord): Buffer {
  const operation = Buffer.from(log?.operation ?? '', 'utf8')
  const clientId = Buffer.from(log?.clientId ?? '', 'utf8')
  const json = Buffer.from(state ? JSON.stringify(state) : '', 'utf8')
  const message = log?.message ?? new Uint8Array()
  const bytes = Buffer.allocUnsafe(
    HEADER_BYTES + FIXED_BYTES + 6 + operation.length + clientId.length + json.length + message.length,
  )
  let at = HEADER_BYTES
  at = bytes.writeUInt8(log ? kinds.indexOf(log.kind) : 0, at)
  at = bytes.writeUIntBE(log?.counter ?? 0, at, 6)
  at = bytes.writeUIntBE(log?.transaction ?? 0, at, 6)
  at = bytes.writeDoubleBE(log?.timeMs ?? 0, at)
  at = bytes.writeUInt8(operation.length, at)
  at += operation.copy(bytes, at)
  at = bytes.writeUInt8(clientId.length, at)
  at += clientId.copy(bytes, at)
  at = bytes.writeUInt32BE(json.length, at)
  at += json.copy(bytes, at)
  bytes.set(message, at)
  bytes.writeUInt32BE(bytes.length - HEADER_BYTES, 0)
  bytes.writeUInt32BE(crc32(bytes.subarray(HEADER_BYTES)), 4)
  return bytes
}

/** The record at `offset`; undefined if it is invalid or incomplete: a torn tail, damage, or the end of a portion. */
export function decodeRecord(bytes: Buffer, offset: number): { record: LogRecord; length: number } | undefined {
  if (offset + HEADER_BYTES > bytes.length) return undefined
  const bodyLength = bytes.readUInt32BE(offset)
  if (bodyLength < FIXED_BYTES || bodyLength > RECORD_MAX_BYTES - HEADER_BYTES) return undefined
  const end = offset + HEADER_BYTES + bodyLength
  if (end > bytes.length) return undefined
  const body = bytes.subarray(offset + HEADER_BYTES, end)
  if (crc32(body) !== bytes.readUInt32BE(offset + 4)) return undefined
  return { record: decodeBody(body), length: HEADER_BYTES + bodyLength }
}

function decodeBody(body: Buffer): LogRecord {
  const kind = kinds[body.readUInt8(0)]
  const transaction = body.readUIntBE(7, 6)
  const [operation, afterOperation] = shortText(body, FIXED_BYTES)
  const [clientId, afterClient] = shortText(body, afterOperation)
  const messageAt = afterClient + 4 + body.readUInt32BE(afterClient)
  const json = body.toString('utf8', afterClient + 4, messageAt)
  const state: SeState | undefined = json === '' ? undefined : JSON.parse(json)
  if (!kind) return { log: undefined, state }
  const log: SeLog = {
    counter: body.readUIntBE(1, 6),
    kind,
    operation,
    transaction: transaction === 0 ? undefined : transaction,
    clientId: clientId === '' ? undefined : clientId,
    timeMs: body.readDoubleBE(13),
    message: Buffer.from(body.subarray(messageAt)),
  }
  return { log, state }
}

function shortText(body: Buffer, at: number): readonly [string, number] {
  const end = at + 1 + body.readUInt8(at)
  return [body.toString('utf8', at + 1, end), end]
}
