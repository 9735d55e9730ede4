import { codeOf, messageOf } from '../base/thrown.ts'
import { DeliveryError } from './message.ts'

/** OpenSSL reports it about a server that answers without TLS. */
const PLAIN = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|wrong version number|packet length too long/

/** A failed connection, without OpenSSL's text. `plain`: the words about a server that does not use TLS there. */
export function connectionFailure(error: unknown, plain: string): DeliveryError {
  if (error instanceof DeliveryError) return error
  // nodemailer replaces the system's code.
  const original = error instanceof Error && 'originalCode' in error ? error.originalCode : undefined
  const code = typeof original === 'string' ? original : (codeOf(error) ?? 'network_error')
  if (code.startsWith('ERR_OSSL_'))
    return new DeliveryError('ca_file_invalid', 'The file "caFile" has no certificate that can be used.')
  if (!/^(?:ERR_SSL_|EPROTO$)/.test(code)) return new DeliveryError(code, messageOf(error).trim())
  return PLAIN.test(`${code} ${messageOf(error)}`)
    ? new DeliveryError('no_tls', plain)
    : new DeliveryError(code, `The server ended the TLS handshake (${code}).`)
}
