/** The printer's XML in a SOAP 1.1 envelope, and its answer `<response success code status><addInfo>`. */

import type { XmlElement, XmlLimits } from '../../base/xml.ts'
import { escapeXml, firstNamed, readXml, XmlError } from '../../base/xml.ts'
import { isMatricola } from '../rt/document-rules.ts'

type Attributes = Readonly<Record<string, string | number | bigint>>

export function element(name: string, attributes: Attributes = {}, ...children: readonly string[]): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
  return children.length === 0
    ? `<${name}${words.join('')}/>`
    : `<${name}${words.join('')}>${children.join('')}</${name}>`
}

export function envelope(body: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`
}

export type EpsonReply = { success: boolean; code: string; status: string; info: ReadonlyMap<string, string> }

/** An answer has about a dozen elements; more are not from the service. */
const limits: XmlLimits = { characters: 1 << 18, elements: 5000, depth: 32 }

/** Undefined for an answer that is not well-formed, or has no response. */
export function parseReply(xml: string): EpsonReply | undefined {
  const response = responseIn(xml)
  if (!response) return undefined
  const attribute = (name: string) => response.attributes.get(name) ?? ''
  return {
    success: ['true', '1'].includes(attribute('success')),
    code: attribute('code'),
    status: attribute('status'),
    info: new Map(response.children.flatMap(leavesOf)),
  }
}

function responseIn(xml: string): XmlElement | undefined {
  try {
    return firstNamed(readXml(xml, limits), 'response')
  } catch (error) {
    if (error instanceof XmlError) return undefined
    throw error
  }
}

/** The elements without children, at any depth, with their text. */
function leavesOf(element: XmlElement): [string, string][] {
  return element.children.length === 0
    ? [[element.name, element.text.trim()]]
    : element.children.flatMap((child) => leavesOf(child))
}

/**
 * Answer of directIO 1387: OP(2) total(9) VAT(9) DDMMYY HHMMSS Z(4) number(4) serial(11) …, fiscal flag at 60; padded
 * with zeros or blanks.
 */
export type LastReceipt = {
  totalCents: bigint
  at: string
  z: number
  number: number
  serial: string
  /** False for a slip, whose number is not that of a document. */
  isFiscal: boolean
}

const FISCAL_FLAG_AT = 60

const SERIAL_AT = 40

/** True for a printer that has printed nothing yet. */
export function hasNoDocument(data: string): boolean {
  return /^[0\s]*$/.test(data.slice(2, SERIAL_AT))
}

export function parseLastReceipt(data: string): LastReceipt | undefined {
  const match =
    /^\d\d([-+ \d]{9})[-+ \d]{9}(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([ \d]{4})([ \d]{4})([0-9A-Z]{11})/.exec(data)
  if (!match) return undefined
  const [, total = '', day, month, year, hour, minute, second, z, number, serial = ''] = match
  return {
    totalCents: BigInt(total.replaceAll(/\D/g, '')),
    at: `20${year}-${month}-${day}T${hour}:${minute}:${second}`,
    z: Number(z),
    number: Number(number),
    serial,
    isFiscal: data[FISCAL_FLAG_AT] !== '0',
  }
}

/** Facts from the answer to a document. `serial`: of the printer that printed it. */
export type AnsweredReceipt = { z: number; number: number; at: string | undefined; serial: string | undefined }

const MATRICOLA = '99[A-Z]{3}\\d{6}'
const matricolaAlone = new RegExp(`^${MATRICOLA}$`)
const matricolaAfterOp = new RegExp(`^\\d\\d(${MATRICOLA})$`)

/** Serial of the answering printer, if reported. */
export function serialIn({ info }: EpsonReply): string | undefined {
  return matricolaAlone.exec(info.get('serialNumber') ?? '')?.[0]
}

/** Undefined if it names no document: closures and numbers count from 1, and an element may be missing or empty. */
export function answeredReceipt(reply: EpsonReply): AnsweredReceipt | undefined {
  const { info } = reply
  const [z, number] = ['zRepNumber', 'fiscalReceiptNumber'].map((name) => counted(info.get(name)))
  if (z === undefined || number === undefined) return undefined
  return { z, number, at: printedAt(info), serial: serialIn(reply) }
}

function counted(text = ''): number | undefined {
  return /^\d{1,4}$/.test(text) && Number(text) > 0 ? Number(text) : undefined
}

/** `20230421T113500` of newer firmware, else `21/4/2023` or `21/04/2023` with `11:35`. */
function printedAt(info: EpsonReply['info']): string | undefined {
  const iso = /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)/.exec(info.get('receiptISODateTime') ?? '')
  if (iso) return `${iso[1]}-${iso[2]}-${iso[3]}T${iso[4]}:${iso[5]}:${iso[6]}`
  const [, day = '', month = '', year] = /^(\d\d?)\/(\d\d?)\/(\d{4})$/.exec(info.get('fiscalReceiptDate') ?? '') ?? []
  const minute = /^\d\d?:\d\d$/.exec(info.get('fiscalReceiptTime') ?? '')?.[0].padStart(5, '0')
  const hasTime = year !== undefined && minute !== undefined
  return hasTime ? `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}T${minute}` : undefined
}

/** `fpStatus`: printer, journal, drawer, document, mode; undefined for another form. */
export type PrinterStates = {
  paper: 'ok' | 'low' | 'out'
  memory: 'ok' | 'nearly_full' | 'full'
  /** A receipt or slip is open, or an error of the mechanics is to be reset. */
  isOpen: boolean
  /** The key is turned to registration. */
  isRegistering: boolean
}

export function parseStates(fpStatus: string): PrinterStates | undefined {
  const [, printer, journal, document, mode] = /^([0-9])([0-9])[0-9]([0-9A-Z])([0-9])$/.exec(fpStatus) ?? []
  if (printer === undefined) return undefined
  return {
    paper: printer === '3' ? 'out' : printer === '2' ? 'low' : 'ok',
    memory: journal === '5' ? 'full' : journal === '1' ? 'nearly_full' : 'ok',
    isOpen: document !== '1',
    isRegistering: mode === '0',
  }
}

/** The state of the RT. `worthless`: why its documents are; undefined if it is in service. */
export type RtStatus = {
  type: string
  worthless: string | undefined
  wantsClosure: boolean
  pendingFiles: number
}

const IN_SERVICE = '02'
/** Sub-states of a printer that is not in service. */
const SUB_STATES: ReadonlyMap<string, string> = new Map([
  ['06', 'registered, not activated'],
  ['07', 'activated, not in service'],
  ['08', 'before its service'],
])

function worthlessBy(main: string, sub: string, training: string, outOfService: string): string | undefined {
  if (main !== IN_SERVICE) return `it is not in service (state ${main}: ${SUB_STATES.get(sub) ?? sub})`
  if (training !== '0') return 'it is in training mode'
  return outOfService === '0' ? undefined : 'it is out of service'
}

/** An answer may be shorter than the place. */
function digitAt(data: string, place: number): string {
  return data.charAt(place).trim() || '0'
}

/**
 * Answer of directIO 1138: OP(2) type(1) state(2) sub-state(2) day open(1) closure wanted(1) files to send(4) …,
 * training at 38, out of service at 44.
 */
export function parseRtStatus(data: string): RtStatus | undefined {
  const [, type, main = '', sub = '', wanted, pending] = /^\d\d([A-Z])(\d\d)(\d\d)\d(\d)(\d{4})/.exec(data) ?? []
  if (type === undefined) return undefined
  const worthless = worthlessBy(main, sub, digitAt(data, 38), digitAt(data, 44))
  return { type, worthless, wantsClosure: wanted === '1', pendingFiles: Number(pending) }
}

/** The state in the elements of status type 1, as far as the printer has them. None of them says "out of service". */
export function rtStatusIn({ info }: EpsonReply): Pick<RtStatus, 'worthless'> & { wantsClosure: boolean | undefined } {
  const [main = IN_SERVICE, sub = '', training = '0', wanted] = [
    ...['rtMainStatus', 'rtSubStatus', 'rtTrainingMode', 'rtNoWorkingPeriod'].map(
      (name) => info.get(name) || undefined,
    ),
  ]
  const worthless = worthlessBy(main.padStart(2, '0'), sub.padStart(2, '0'), training, '0')
  return { worthless, wantsClosure: wanted === undefined ? undefined : wanted === '1' }
}

/** The answer of directIO 3217 if it is a whole matricola, alone or after OP(2), as the other answers begin. */
export function wholeMatricola(identity: string): string | undefined {
  return isMatricola(identity) ? identity : matricolaAfterOp.exec(identity)?.[1]
}

/** Matricola built from the answer of directIO 3217, OP(2) number(6) model(2) maker(2), and the type: 99IEC000001. */
export function matricolaOf(identity: string, status: RtStatus | undefined): string | undefined {
  const [, number, model, maker] = /^\d\d(\d{6})([A-Z]{2})(\d\d)/.exec(identity) ?? []
  return maker === undefined || status === undefined ? undefined : `${maker}${status.type}${model}${number}`
}

/** Answer of directIO 2052: it ends with the number of the last closure. */
export function parseLastClosure(data: string): number | undefined {
  const digits = /^\d*(\d{4})\s*$/.exec(data)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
