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

export function answeredReceipt(reply: EpsonReply): AnsweredReceipt | undefined {
  const { info } = reply
  const [z, number] = ['zRepNumber', 'fiscalReceiptNumber'].map((name) => Number(info.get(name)))
  if (!Number.isInteger(z) || !Number.isInteger(number) || z === undefined || number === undefined) return undefined
  const [, day = '', month = '', year] = /^(\d\d?)\/(\d\d?)\/(\d{4})$/.exec(info.get('fiscalReceiptDate') ?? '') ?? []
  const minute = /^\d\d?:\d\d$/.exec(info.get('fiscalReceiptTime') ?? '')?.[0].padStart(5, '0')
  const hasTime = year !== undefined && minute !== undefined
  const at = hasTime ? `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}T${minute}` : undefined
  return { z, number, at, serial: serialIn(reply) }
}

export type RtStatus = { type: string; inService: boolean; wantsClosure: boolean; pendingFiles: number }

/** Answer of directIO 1138: OP(2) type(1) state(2), 02 in service, detail(2) day open(1) closure wanted(1) files to send(4) …. */
export function parseRtStatus(data: string): RtStatus | undefined {
  const [, type, state, wanted, pending] = /^\d\d([A-Z])(\d\d)\d{3}(\d)(\d{4})/.exec(data) ?? []
  if (type === undefined) return undefined
  return { type, inService: state === '02', wantsClosure: wanted === '1', pendingFiles: Number(pending) }
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
