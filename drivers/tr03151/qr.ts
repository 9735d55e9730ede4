import { UNCERTIFIED_CLIENT } from './certificate.ts'
import { derToPlain, findCurve, pointOfSpki, serialOfPoint, verifyPlain } from './ecdsa.ts'
import { formsOf, transactionPart } from './log-message.ts'
import type { LogTimeFormat } from './log-time.ts'
import { isoText, logTimeFormats, readIsoText, timeFormatNamed } from './log-time.ts'
import { MalformedError } from './malformed.ts'

/** The twelve fields of a receipt's QR code, version V0 (DSFinV-K Annex I). Times in milliseconds since 1970 UTC. */
export type QrFields = {
  clientId: string
  processType: string
  processData: string
  transaction: number
  signatureCounter: number
  /** logTime of the StartTransaction log: not protected by the signature. */
  startMs: number
  /** logTime of the FinishTransaction log. */
  finishMs: number
  algorithm: string
  timeFormat: LogTimeFormat
  /** Plain r‖s. */
  signature: Uint8Array
  /** Uncompressed point. */
  publicKey: Uint8Array
}

export type QrReport = {
  valid: boolean
  /** 64 hex digits; undefined when the text could not be read. */
  serial: string | undefined
  fields: QrFields | undefined
  /** The client id marks the unit as not certified; a client id chosen by the till shows nothing. */
  uncertified: boolean
  /** Errors, and notes on accepted deviations from the standard. */
  findings: readonly string[]
}

const VERSION = 'V0'
const FIELDS = 12
const SHOWN = 10

/** A unit may report a time format that no standard names: it is written as reported. */
type WrittenFields = Omit<QrFields, 'timeFormat'> & { timeFormat: string }

/** No trailing semicolon; a semicolon inside processData stays unchanged. */
export function buildQr(fields: WrittenFields): string {
  return [
    VERSION,
    fields.clientId,
    fields.processType,
    fields.processData,
    fields.transaction,
    fields.signatureCounter,
    isoText(fields.startMs),
    isoText(fields.finishMs),
    fields.algorithm,
    fields.timeFormat,
    Buffer.from(fields.signature).toString('base64'),
    Buffer.from(fields.publicKey).toString('base64'),
  ].join(';')
}

/** Rebuilds the signed part of the FinishTransaction log and checks the signature. Never throws. */
export function verifyQr(qr: string): QrReport {
  try {
    const { fields, notes } = parseWithNotes(qr)
    const serial = serialOfPoint(fields.publicKey)
    const { key } = findCurve(fields.publicKey)
    const valid = formsOf(fields.timeFormat).some((form) => {
      const part = transactionPart({
        operation: 'Finish',
        clientId: fields.clientId,
        processData: Buffer.from(fields.processData, 'utf8'),
        processType: fields.processType,
        transaction: fields.transaction,
        serial,
        algorithm: fields.algorithm,
        counter: fields.signatureCounter,
        ...form,
        timeMs: fields.finishMs,
      })
      return verifyPlain(key, fields.algorithm, part, fields.signature)
    })
    const findings = valid ? notes : [...notes, 'the signature does not fit the data']
    const uncertified = fields.clientId.startsWith(UNCERTIFIED_CLIENT)
    return { valid, serial: serial.toString('hex'), fields, uncertified, findings }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return { valid: false, serial: undefined, fields: undefined, uncertified: false, findings: [error.message] }
  }
}

/** The first three fields count from the left, the last eight from the right: processData may hold semicolons. */
function parseWithNotes(qr: string): { fields: QrFields; notes: readonly string[] } {
  const parts = qr.split(';')
  const [version = '', clientId = '', processType = ''] = parts
  if (version !== VERSION && /^V\d+$/.test(version))
    throw new MalformedError(`codes of version ${version.slice(0, SHOWN)} are not known, ${VERSION} was expected`)
  if (version !== VERSION || parts.length < FIELDS)
    throw new MalformedError(`${FIELDS} fields that begin with ${VERSION} were expected, these are ${parts.length}`)
  const [
    transaction = '',
    counter = '',
    start = '',
    finish = '',
    algorithm = '',
    format = '',
    signature = '',
    key = '',
  ] = parts.slice(-8)
  const processData = parts.slice(3, -8).join(';')
  const notes: string[] = []
  const publicKey = readKey(key, notes)
  const [startMs = 0, finishMs = 0] = readTimes([start, finish], notes)
  const plain = readSignature(signature, (publicKey.length - 1) / 2, notes)
  notes.push(...oddIn(processType, processData))
  return {
    fields: {
      clientId,
      processType,
      processData,
      transaction: readDecimal(transaction, 'transaction number'),
      signatureCounter: readDecimal(counter, 'signature counter'),
      startMs,
      finishMs,
      algorithm,
      timeFormat: readFormat(format),
      signature: plain,
      publicKey,
    },
    notes,
  }
}

function readDecimal(written: string, name: string): number {
  if (!/^[1-9]\d{0,19}$/.test(written)) throw new MalformedError(`a ${name} in decimal digits was expected`)
  const value = Number(written)
  if (!Number.isSafeInteger(value)) throw new MalformedError(`the ${name} is too large`)
  return value
}

const MINUTE_MS = 60_000

/** Some tills print local times with their offset. */
function readTimes(written: readonly string[], notes: string[]): readonly number[] {
  const read = written.map((text) => {
    const [, local, sign, hours, minutes] = /^(.+)([+-])([01]\d):([0-5]\d)$/.exec(text) ?? []
    if (local === undefined) return { ms: readIsoText(text), isLocal: false }
    const offsetMs = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS
    return { ms: readIsoText(`${local}Z`) + (sign === '-' ? offsetMs : -offsetMs), isLocal: true }
  })
  if (read.some(({ isLocal }) => isLocal)) notes.push('times with an offset, UTC was expected')
  return read.map(({ ms }) => ms)
}

const processTypes = ['Kassenbeleg-V1', 'Bestellung-V1', 'SonstigerVorgang']
const AMOUNT = '-?\\d+\\.\\d\\d'
const PAYMENT = `${AMOUNT}:(?:Bar|Unbar)(?::[A-Z]{3})?`
const kassenbeleg = new RegExp(`^(?:Beleg|AV[A-Za-z]+)\\^${AMOUNT}(?:_${AMOUNT}){4}\\^(?:${PAYMENT}(?:_${PAYMENT})*)?$`)

/** The signature counts anyway: DSFinV-K Annex I has a different form. */
function oddIn(processType: string, processData: string): readonly string[] {
  if (!processTypes.includes(processType)) return [`the processType is not one of ${processTypes.join(', ')}`]
  if (processType !== 'Kassenbeleg-V1' || kassenbeleg.test(processData)) return []
  return ['processData does not match Kassenbeleg-V1']
}

function readFormat(written: string): LogTimeFormat {
  const format = timeFormatNamed(written)
  if (!format) throw new MalformedError(`log-time-format is not one of ${logTimeFormats.join(', ')}`)
  return format
}

function readBase64(written: string, name: string): Buffer {
  const bytes = Buffer.from(written, 'base64')
  if (bytes.length === 0 || bytes.toString('base64') !== written)
    throw new MalformedError(`a ${name} in base64 with padding was expected`)
  return bytes
}

function readKey(written: string, notes: string[]): Uint8Array {
  const bytes = readBase64(written, 'public key')
  if (bytes[0] !== 0x30) return bytes
  notes.push('the public key is a SubjectPublicKeyInfo, the raw point was expected')
  return pointOfSpki(bytes).point
}

function readSignature(written: string, size: number, notes: string[]): Uint8Array {
  if (written.length === 4 * size && /^[0-9A-Fa-f]+$/.test(written)) {
    notes.push('the signature is hexadecimal, base64 was expected')
    return Buffer.from(written, 'hex')
  }
  const bytes = readBase64(written, 'signature')
  if (bytes.length === 2 * size || bytes[0] !== 0x30) return bytes
  notes.push('the signature is DER, plain r‖s was expected')
  return derToPlain(bytes, size)
}
