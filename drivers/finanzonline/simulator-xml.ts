import { localTime, rfc3339, SHOP_ZONE } from '../../base/clock.ts'
import { escapeXml } from '../../base/xml.ts'
import type { EntryResult } from './simulator-entries.ts'
import type { Verification } from './simulator-receipt.ts'
import { RKDB_NAMESPACE, SESSION_NAMESPACE } from './simulator-schema.ts'

/** The answers as the service writes them: a prefix that differs from time to time, and a few elements without a namespace. */
const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/'

function envelope(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="${SOAP}"><SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`
}

export function sessionXml(prefix: string, name: 'login' | 'logout', rc: string, message: string, id?: string): string {
  const p = prefix
  const session = id === undefined ? '' : `<${p}:id>${id}</${p}:id>`
  return envelope(
    `<${p}:${name}Response xmlns:${p}="${SESSION_NAMESPACE}">${session}<${p}:rc>${rc}</${p}:rc><${p}:msg>${escapeXml(message)}</${p}:msg></${p}:${name}Response>`,
  )
}

export type Answered = {
  readonly prefix: string
  readonly packet: string
  readonly mode: string
  readonly nowMs: number
  readonly results: readonly {
    readonly number: string
    readonly requestId: string | undefined
    readonly result: EntryResult
  }[]
}

export function rkdbXml({ prefix: p, packet, mode, nowMs, results }: Answered): string {
  const of = (name: string, content: string) => `<${p}:${name}>${content}</${p}:${name}>`
  const local = localTime(nowMs, SHOP_ZONE)
  const result = results.map(({ number, requestId, result: one }) => {
    const info = requestId === undefined ? '' : of('kundeninfo', escapeXml(requestId))
    const message = of('rkdbMessage', of('rc', one.rc) + of('msg', escapeXml(one.message)))
    const checks =
      one.verification === undefined ? '' : of('verificationResultList', checkXml(p, one.verification, nowMs))
    const asked = one.status === undefined ? '' : of('abfrage_ergebnis', statusXml(one.status))
    return of('result', of('satznr', number) + info + message + checks + asked)
  })
  const head = of('paket_nr', packet) + of('art_uebermittlung', mode) + of('ts_erstellung', local)
  return envelope(`<${p}:rkdbResponse xmlns:${p}="${RKDB_NAMESPACE}">${head}${result.join('')}</${p}:rkdbResponse>`)
}

/** Its elements have no namespace in real answers. */
function statusXml({ registeredAt, word, changedAt }: NonNullable<EntryResult['status']>): string {
  const time = (ms: number) => rfc3339(ms).replace('Z', '+00:00')
  return `<ts_registrierung>${time(registeredAt)}</ts_registrierung><status>${word}</status><ts_status>${time(changedAt)}</ts_status>`
}

function checkXml(p: string, verification: Verification, nowMs: number): string {
  const of = (name: string, content: string) => `<${p}:${name}>${content}</${p}:${name}>`
  const { id, name, state, message, nested } = verification
  const below =
    nested.length === 0 ? '' : of('verificationResultList', nested.map((one) => checkXml(p, one, nowMs)).join(''))
  return of(
    'verificationResult',
    of('verificationId', id) +
      of('version', '1') +
      of('verificationName', escapeXml(name)) +
      of('verificationState', state) +
      of('verificationResultDetailedMessage', escapeXml(message)) +
      below +
      of('verificationTimestamp', rfc3339(nowMs)),
  )
}

export function faultXml(what: string): string {
  return envelope(
    `<SOAP-ENV:Fault><faultcode>SOAP-ENV:Client</faultcode><faultstring xml:lang="en">Validation error</faultstring><detail><fon:ValidationError xmlns:fon="https://finanzonline.bmf.gv.at">${escapeXml(what)}</fon:ValidationError></detail></SOAP-ENV:Fault>`,
  )
}
