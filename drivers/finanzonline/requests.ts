import { escapeXml } from '../../base/xml.ts'
import type { AuthorityMode } from '../ports/authority.ts'
import type { RkdbRequest, RkdbSubject } from '../ports/finanzonline.ts'

/**
 * The requests of FinanzOnline's web services for sessions and registers (rkdb), SOAP 1.1. Elements are written in the
 * order of the schema: the order binds.
 */
const SESSION_NAMESPACE = 'https://finanzonline.bmf.gv.at/fon/ws/session'
const RKDB_NAMESPACE = 'https://finanzonline.bmf.gv.at/rkdb'

/** The secrets of a login, as the files have them. */
export type Credentials = { readonly participant: string; readonly user: string; readonly pin: string }

export type Session = Pick<Credentials, 'participant' | 'user'> & { readonly id: string }

/** Path and SOAPAction of a service, and the envelope. */
export type Envelope = { readonly path: string; readonly action: 'login' | 'logout' | 'rkdb'; readonly body: string }

/** `at`: RFC 3339 UTC in whole seconds. */
export type Packet = { readonly mode: AuthorityMode; readonly number: number; readonly at: string }

export function loginEnvelope({ participant, user, pin }: Credentials, makerVatId: string): Envelope {
  const members = text('tid', participant) + text('benid', user) + text('pin', pin) + text('herstellerid', makerVatId)
  return sessionEnvelope('login', members)
}

export function logoutEnvelope({ participant, user, id }: Session): Envelope {
  return sessionEnvelope('logout', text('tid', participant) + text('benid', user) + text('id', id))
}

/** Asks for the status of a unit or register. */
export function statusEnvelope(session: Session, packet: Packet, subject: RkdbSubject): Envelope {
  const name = subject.kind === 'unit' ? 'status_see' : 'status_kasse'
  return rkdbEnvelope(session, packet, element(name, head(packet) + text('satznr', '1') + subjectXml(subject)))
}

/** Sends one entry in a packet. */
export function entryEnvelope(session: Session, packet: Packet, request: RkdbRequest, requestId: string): Envelope {
  const entry = text('satznr', '1') + text('kundeninfo', requestId) + fields(request)
  return rkdbEnvelope(session, packet, element('rkdb', head(packet) + element(request.operation, entry)))
}

function fields(request: RkdbRequest): string {
  switch (request.operation) {
    case 'registrierung_se': {
      const { unit, vdaId } = request
      const key = 'serial' in unit ? serialXml(unit.serial) : text('zertifikat', unit.certificate)
      return text('art_se', 'SIGNATURKARTE') + text('vda_id', vdaId) + key
    }
    case 'registrierung_kasse':
      return text('kassenidentifikationsnummer', request.cashBoxId) + text('benutzerschluessel', request.aesKey)
    case 'ausfall_se':
    case 'ausfall_kasse': {
      const reason = text('begruendung', String(request.reason))
      const what =
        request.since === undefined
          ? element('ausserbetriebnahme', reason)
          : element('ausfall', reason + text('beginn_ausfall', request.since))
      return subjectXml(request.subject) + what
    }
    case 'wiederinbetriebnahme_se':
    case 'wiederinbetriebnahme_kasse':
      return subjectXml(request.subject) + text('ende_ausfall', request.end)
    case 'belegpruefung':
      return text('beleg', request.code)
  }
}

function subjectXml(subject: RkdbSubject): string {
  return subject.kind === 'unit' ? serialXml(subject.serial) : text('kassenidentifikationsnummer', subject.cashBoxId)
}

function serialXml(serial: string): string {
  return `<zertifikatsseriennummer hex="true">${escapeXml(serial)}</zertifikatsseriennummer>`
}

function head({ number, at }: Packet): string {
  return text('paket_nr', String(number)) + text('ts_erstellung', at)
}

function sessionEnvelope(action: 'login' | 'logout', members: string): Envelope {
  const body = `<${action}Request xmlns="${SESSION_NAMESPACE}">${members}</${action}Request>`
  return { path: '/fonws/ws/session', action, body: envelope(body) }
}

function rkdbEnvelope({ participant, user, id }: Session, { mode }: Packet, what: string): Envelope {
  const members = text('tid', participant) + text('benid', user) + text('id', id) + text('art_uebermittlung', mode)
  const body = `<rkdbRequest xmlns="${RKDB_NAMESPACE}">${members}${what}</rkdbRequest>`
  return { path: '/fonws/ws/rkdb', action: 'rkdb', body: envelope(body) }
}

function envelope(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>${body}</S:Body></S:Envelope>`
}

function text(name: string, content: string): string {
  return element(name, escapeXml(content))
}

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}
