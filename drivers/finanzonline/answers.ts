import { parseRfc3339 } from '../../base/clock.ts'
import type { XmlElement, XmlLimits } from '../../base/xml.ts'
import { childOf, childText, firstNamed, readXml, XmlError } from '../../base/xml.ts'
import type { LostAnswer, ReceiptCheck, SubjectStatus } from '../ports/authority.ts'
import { NOT_THERE } from './codes.ts'

/** Elements are read by local name below the right parent: prefixes differ, and a few elements have no namespace. */
const limits: XmlLimits = { characters: 1 << 20, elements: 10_000, depth: 32 }

/** The answer of HTTP. */
export type HttpAnswer = { readonly status: number; readonly body: Uint8Array }

/** A response below the body of the envelope, a refusal of the request as such, or nothing that can be read. */
export type Decoded =
  | { readonly kind: 'response'; readonly response: XmlElement }
  | { readonly kind: 'malformed'; readonly message: string }
  | { readonly kind: 'lost'; readonly lost: LostAnswer }

/** `name`: the local name of the expected response. */
export function decode({ status, body }: HttpAnswer, name: string): Decoded {
  const content = contentOf(body)
  const fault = content?.name === 'Fault' ? content : undefined
  // A server that cannot answer now may send a fault, too (SOAP 1.1 § 4.4.1): only one of the client is final.
  if (fault !== undefined && isOfClient(fault)) return { kind: 'malformed', message: faultText(fault) }
  if (status !== 200) return { kind: 'lost', lost: 'http' }
  if (fault !== undefined) return { kind: 'lost', lost: 'http' }
  return content?.name === name ? { kind: 'response', response: content } : { kind: 'lost', lost: 'not_xml' }
}

function contentOf(body: Uint8Array): XmlElement | undefined {
  try {
    const root = readXml(body, limits)
    return root.name === 'Envelope' ? childOf(root, 'Body')?.children[0] : undefined
  } catch (error) {
    if (error instanceof XmlError) return undefined
    throw error
  }
}

function isOfClient(fault: XmlElement): boolean {
  const code = childText(fault, 'faultcode')?.trim() ?? ''
  return childOf(childOf(fault, 'detail'), 'ValidationError') !== undefined || /(^|:)Client$/.test(code)
}

function faultText(fault: XmlElement): string {
  const detail = childText(childOf(fault, 'detail'), 'ValidationError')
  return (detail ?? childText(fault, 'faultstring') ?? '').trim()
}

/** The answer to a login or logout. */
export type SessionAnswer = { readonly rc: string; readonly message: string; readonly id: string }

export function sessionAnswer(response: XmlElement): SessionAnswer {
  const read = (name: string) => childText(response, name)?.trim() ?? ''
  return { rc: read('rc'), message: read('msg'), id: read('id') }
}

/** The only entry of an answer of rkdb. */
export type EntryAnswer = {
  readonly rc: readonly string[]
  readonly message: string
  readonly result: XmlElement
}

/** Undefined for an answer to another packet or request, or with several entries. `requestId`: undefined for a question. */
export function entryAnswer(response: XmlElement, packet: number, requestId?: string): EntryAnswer | undefined {
  const results = response.children.filter(({ name }) => name === 'result')
  const [result] = results
  if (result === undefined || results.length > 1) return undefined
  if (Number(childText(response, 'paket_nr') ?? packet) !== packet) return undefined
  const returned = childText(result, 'kundeninfo')?.trim()
  if (requestId !== undefined && returned !== undefined && returned !== '' && returned !== requestId) return undefined
  const messages = result.children.filter(({ name }) => name === 'rkdbMessage')
  const texts = (name: string) => messages.map((message) => childText(message, name)?.trim() ?? '')
  return { rc: texts('rc'), message: texts('msg').filter(Boolean).join('; '), result }
}

const KNOWN = ['AKTIVIERT', 'REGISTRIERT', 'IN_BETRIEB']
const OUTAGE = 'AUSFALL'

/** The status of the subject of a question; undefined if the answer does not name one that we know. */
export function statusIn({ rc, result }: EntryAnswer): SubjectStatus | undefined {
  if (rc.length > 0 && rc.every((code) => NOT_THERE.has(code)))
    return { state: 'none', word: undefined, changedAtMs: undefined }
  const asked = childOf(result, 'abfrage_ergebnis')
  const word = childText(asked, 'status')?.trim()
  if (word === undefined) return undefined
  const state = KNOWN.includes(word) ? 'known' : word === OUTAGE ? 'outage' : undefined
  return state && { state, word, changedAtMs: changedAt(childText(asked, 'ts_status')) }
}

/** Only a time with its offset is a moment: the night of the clock change has an hour twice. */
function changedAt(text: string | undefined): number | undefined {
  return parseRfc3339(text?.trim() ?? '')
}

const CASH_BOX = 'VERIFICATION_FROM_CASHBOX'

/** The result of a receipt check: good only if the check of the register passed. */
export function checkIn({ result }: EntryAnswer): ReceiptCheck {
  const list = childOf(result, 'verificationResultList')
  const all = list === undefined ? [] : resultsIn(list)
  const ofRegister = all.filter((one) => idOf(one) === CASH_BOX)
  const states = ofRegister.map((one) => childText(one, 'verificationState')?.trim())
  const state = states.length !== 1 ? 'none' : states[0] === 'PASS' ? 'pass' : states[0] === 'FAIL' ? 'fail' : 'none'
  const failed = all.filter(
    (one) => childText(one, 'verificationState')?.trim() === 'FAIL' && resultsBelow(one).length === 0,
  )
  return { state, failed: failed.map((one) => ({ id: idOf(one), message: messageOf(one) })) }
}

/** The results in an element, at any depth. */
function resultsIn(element: XmlElement): XmlElement[] {
  return element.children.flatMap((child) =>
    child.name === 'verificationResult' ? [child, ...resultsIn(child)] : resultsIn(child),
  )
}

function resultsBelow(result: XmlElement): XmlElement[] {
  return result.children.flatMap((child) => (firstNamed(child, 'verificationResult') === undefined ? [] : [child]))
}

function idOf(result: XmlElement): string {
  return childText(result, 'verificationId')?.trim() ?? ''
}

function messageOf(result: XmlElement): string {
  return childText(result, 'verificationResultDetailedMessage')?.trim() ?? ''
}
