import { algorithmByName, algorithmByOid } from './algorithms.ts'
import type { Tlv } from './der.ts'
import { integer, oid, readAll, readInteger, readTlv, text, tlv, tlvLength } from './der.ts'
import type { LogTime, LogTimeFormat } from './log-time.ts'
import { decodeLogTime, encodeLogTime, isLogTimeTag, readingsOf } from './log-time.ts'
import { MalformedError } from './malformed.ts'

/** Transaction, system and audit log, as the file names call them (TR-03151 App. C). */
export type LogKind = 'Tra' | 'Sys' | 'Aud'

export type TransactionOperation = 'Start' | 'Update' | 'Finish'

/** The fields of every log message in addition to its own data. */
export type LogFrame = {
  /** 2 (TR-03151 v1.0.1) by default; 3 is TR-03151-1 v1.1. */
  version?: 2 | 3
  /** SHA-256 of the point, 32 bytes. */
  serial: Uint8Array
  /** e.g. `ecdsa-plain-SHA256`. */
  algorithm: string
  counter: number
  timeFormat: LogTimeFormat
  timeMs: number
}

/** Version and time format of a unit's logs. */
export type LogForm = { version: 2 | 3; timeFormat: LogTimeFormat }

/**
 * The possible forms of a signed log, if only its fields and a time format are known, as on a receipt and in its QR
 * code: the version is not stated, and some devices state one format and write a related one.
 */
export function formsOf(timeFormat: LogTimeFormat): readonly LogForm[] {
  return ([2, 3] as const).flatMap((version) =>
    readingsOf(timeFormat).map((written) => ({ version, timeFormat: written })),
  )
}

/** The content of a transaction log in addition to its frame. */
export type TransactionEntry = {
  operation: TransactionOperation
  transaction: number
  clientId: string
  processType: string
  processData: Uint8Array
}
/** Some devices omit an empty processType in the start message; we write it. */
export type TransactionLog = LogFrame & TransactionEntry & { omitProcessType?: boolean }

/** A parsed log message. `signedPart` is M: the elements from version to logTime as written (TR-03151 §2.4). */
export type LogMessage = {
  version: number
  kind: LogKind
  /** As written: `StartTransaction`, `updateTransaction`, `UpdateTime`…; '' for audit logs. */
  operation: string
  clientId: string | undefined
  processData: Uint8Array
  processType: string
  transaction: number | undefined
  /** The content of [1] of a system log. */
  systemData: Uint8Array | undefined
  auditData: Uint8Array | undefined
  serial: Uint8Array
  algorithm: string
  counter: number
  time: LogTime
  signature: Uint8Array
  signedPart: Uint8Array
}

const DATA_TYPE_OID = '04007f0007030701'
type KindByte = '01' | '02' | '03'
const kinds: Readonly<Record<string, LogKind>> = { '01': 'Tra', '02': 'Sys', '03': 'Aud' } satisfies Record<
  KindByte,
  LogKind
>
/** certifiedDataType of each kind, the same in all its messages. */
const dataTypes: Readonly<Record<KindByte, Uint8Array>> = {
  '01': oid(`${DATA_TYPE_OID}01`),
  '02': oid(`${DATA_TYPE_OID}02`),
  '03': oid(`${DATA_TYPE_OID}03`),
}

/** M of a transaction log: the hashed and signed part. */
export function transactionPart(log: TransactionLog): Uint8Array {
  const name = `${log.version === 3 ? log.operation.toLowerCase() : log.operation}Transaction`
  const own = [
    text(0x80, name),
    text(0x81, log.clientId),
    tlv(0x82, log.processData),
    ...(log.omitProcessType ? [] : [text(0x83, log.processType)]),
    integer(log.transaction, 0x85),
  ]
  return framed('01', own, log)
}

/** M of a system log; `data` is the content of systemOperationData (see system-log.ts). */
export function systemPart(operation: string, data: Uint8Array, frame: LogFrame): Uint8Array {
  return framed('02', [text(0x80, operation), tlv(0x81, data)], frame)
}

/** M of an audit log; `data` is the vendor's own. */
export function auditPart(data: Uint8Array, frame: LogFrame): Uint8Array {
  return framed('03', [], frame, [tlv(0x04, data)])
}

/** The whole message: M and the plain r‖s in one SEQUENCE. */
export function sealed(signedPart: Uint8Array, signature: Uint8Array): Uint8Array {
  return tlv(0x30, signedPart, tlv(0x04, signature))
}

/** Size of the whole message with a signature of that length. */
export function sealedLength(signedPart: Uint8Array, signatureBytes: number): number {
  return tlvLength(signedPart.length + tlvLength(signatureBytes))
}

/** Reads versions 2 and 3. Throws MalformedError; proves nothing about the signature. */
export function parseLogMessage(message: Uint8Array): LogMessage {
  const outer = readTlv(message)
  if (outer.tag !== 0x30 || outer.encoded.length !== message.length)
    throw new MalformedError('exactly one log message (SEQUENCE) was expected')
  const elements = [...readAll(outer.content)]
  const signature = expect(elements.pop(), 0x04, 'signatureValue')
  const signedPart = outer.content.subarray(0, outer.content.length - signature.encoded.length)
  const version = readInteger(expect(elements.shift(), 0x02, 'version').content)
  if (version !== 2 && version !== 3)
    throw new MalformedError(`log message version 2 or 3 was expected, not ${version}`)
  const kind = kindOf(expect(elements.shift(), 0x06, 'certifiedDataType'))
  const own: Tlv[] = []
  for (let next = elements[0]; next && next.tag >= 0x80; next = elements[0]) {
    own.push(next)
    elements.shift()
  }
  const tail = readTail(elements, kind)
  return { version, kind, ...readOwn(own, kind), ...tail, signature: signature.content, signedPart }
}

/** `Start`, `Update`, `Finish` of a transaction log in either spelling; undefined for anything else. */
export function transactionOperation(log: LogMessage): TransactionOperation | undefined {
  const match = /^(start|update|finish)transaction$/i.exec(log.operation)
  if (log.kind !== 'Tra' || !match) return undefined
  const word = (match[1] ?? '').toLowerCase()
  if (word === 'start') return 'Start'
  return word === 'update' ? 'Update' : 'Finish'
}

function framed(
  kindByte: KindByte,
  own: readonly Uint8Array[],
  frame: LogFrame,
  audit: readonly Uint8Array[] = [],
): Uint8Array {
  return Buffer.concat([
    integer(frame.version ?? 2),
    dataTypes[kindByte],
    ...own,
    tlv(0x04, frame.serial),
    algorithmIdentifierOf(frame.algorithm),
    ...audit,
    integer(frame.counter),
    encodeLogTime(frame.timeFormat, frame.timeMs),
  ])
}

/** By the identifier of the algorithm: there are few, and each message has one. */
const identifiers = new Map<string, Uint8Array>()

function algorithmIdentifierOf(name: string): Uint8Array {
  const { oid: identifier } = algorithmByName(name)
  const cached = identifiers.get(identifier)
  if (cached !== undefined) return cached
  const encoding = tlv(0x30, oid(identifier))
  identifiers.set(identifier, encoding)
  return encoding
}

function expect(element: Tlv | undefined, tag: number, name: string): Tlv {
  if (element?.tag !== tag) throw new MalformedError(`${name} was expected (TR-03151 App. E)`)
  return element
}

function kindOf(element: Tlv): LogKind {
  const identifier = Buffer.from(element.content).toString('hex')
  const kind = kinds[identifier.slice(-2)]
  // The identifier with another zero arc is the erratum that the amendment of 2019 corrects: not accepted.
  if (!identifier.startsWith(DATA_TYPE_OID) || identifier.length !== DATA_TYPE_OID.length + 2 || !kind)
    throw new MalformedError('certifiedDataType of a transaction, system or audit log was expected')
  return kind
}

function readOwn(
  own: readonly Tlv[],
  kind: LogKind,
): Pick<LogMessage, 'operation' | 'clientId' | 'processData' | 'processType' | 'transaction' | 'systemData'> {
  const bytes = (number: number) => own.find((element) => (element.tag & 0x1f) === number)
  const string = (number: number) => contentText(bytes(number))
  if (kind !== 'Tra') {
    const operation = kind === 'Sys' ? (string(0) ?? '') : ''
    const systemData = bytes(1)?.content
    return { operation, clientId: undefined, processData: none, processType: '', transaction: undefined, systemData }
  }
  const number = bytes(5)
  if (!number) throw new MalformedError('transactionNumber was expected')
  return {
    operation: string(0) ?? '',
    clientId: string(1) ?? '',
    processData: octets(bytes(2)),
    processType: string(3) ?? '',
    transaction: readInteger(number.content),
    systemData: undefined,
  }
}

function readTail(
  elements: Tlv[],
  kind: LogKind,
): Pick<LogMessage, 'serial' | 'algorithm' | 'auditData' | 'counter' | 'time'> {
  const serial = expect(elements.shift(), 0x04, 'serialNumber').content
  if (serial.length !== 32) throw new MalformedError('serialNumber of 32 bytes was expected')
  const [identifier] = readAll(expect(elements.shift(), 0x30, 'signatureAlgorithm').content)
  const algorithm = algorithmByOid(Buffer.from(expect(identifier, 0x06, 'algorithm').content).toString('hex')).name
  const auditData = kind === 'Aud' ? expect(elements.shift(), 0x04, 'seAuditData').content : undefined
  const counter = readInteger(expect(elements.shift(), 0x02, 'signatureCounter').content)
  const time = elements.shift()
  if (!time || !isLogTimeTag(time.tag) || elements.length > 0)
    throw new MalformedError('logTime, and nothing else before the signature, was expected')
  return { serial, algorithm, auditData, counter, time: decodeLogTime(time.tag, time.content) }
}

const none = new Uint8Array()

function contentText(element: Tlv | undefined): string | undefined {
  return element && Buffer.from(octets(element)).toString('utf8')
}

/** Constructed strings (streamed by aggregating devices) are the sum of their parts. */
function octets(element: Tlv | undefined): Uint8Array {
  if (!element) return none
  if ((element.tag & 0x20) === 0) return element.content
  return Buffer.concat(readAll(element.content).map((part) => part.content))
}
