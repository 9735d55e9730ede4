/** The printer's XML in a SOAP 1.1 envelope, and its answer `<response success code status><addInfo>`. */

import { isMatricola } from '../rt/document-rules.ts'

type Attributes = Readonly<Record<string, string | number | bigint>>

export function element(name: string, attributes: Attributes = {}, ...children: readonly string[]): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
  return children.length === 0
    ? `<${name}${words.join('')}/>`
    : `<${name}${words.join('')}>${children.join('')}</${name}>`
}

export function envelope(body: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`
}

export type EpsonReply = { success: boolean; code: string; status: string; info: ReadonlyMap<string, string> }

export function parseReply(xml: string): EpsonReply | undefined {
  const response = responseIn(xml)
  if (!response) return undefined
  const attribute = (name: string) =>
    new RegExp(`\\b${name}\\s*=\\s*(["'])(.*?)\\1`).exec(response.attributes)?.[2] ?? ''
  const info = new Map<string, string>()
  for (const [, name = '', text = ''] of response.content.matchAll(/<(\w+)>([^<]*)<\/\1>/g))
    info.set(name, unescaped(text).trim())
  return {
    success: ['true', '1'].includes(attribute('success')),
    code: attribute('code'),
    status: attribute('status'),
    info,
  }
}

/**
 * The first response element. Reads each character once, since whatever answers at the printer's address is untrusted.
 */
function responseIn(xml: string): { attributes: string; content: string } | undefined {
  const at = xml.search(/<response\b/)
  const end = xml.indexOf('>', at)
  if (at < 0 || end < 0) return undefined
  const attributes = xml.slice(at + '<response'.length, end)
  if (attributes.endsWith('/')) return { attributes: attributes.slice(0, -1), content: '' }
  const close = xml.indexOf('</response>', end)
  return close < 0 ? undefined : { attributes, content: xml.slice(end + 1, close) }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

export function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
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
