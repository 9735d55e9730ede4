import type { TLSSocket } from 'node:tls'
import type { Request } from 'express'
import { sha256 } from '../../base/sha256.ts'
import { FiskalError } from '../errors.ts'
import type { Caller } from '../till/requests.ts'

const REGISTER = /^reg_[0-9A-Za-z]+$/

/**
 * A certificate that names a register is for its terminal only: no other key is accepted on that connection. Does
 * nothing for certificates of another authority and connections without one. Throws `forbidden`.
 */
export function checkClientCertificate(req: Request, caller: Caller): void {
  const socket = req.socket as Partial<TLSSocket>
  if (socket.authorized !== true) return
  const name = socket.getPeerCertificate?.().subject?.CN
  const names = (Array.isArray(name) ? name : [name]).filter((text) => REGISTER.test(String(text)))
  if (names.length === 0) return
  if (caller.kind === 'register' && names.includes(caller.registerId)) return
  throw new FiskalError('forbidden', 'The client certificate is of another register than the key.', {
    reason: 'client_certificate',
  })
}

/**
 * A key that is bound to a certificate works only with that certificate, so a copied key is worthless. Does
 * nothing for a key that is not bound. Returns `forbidden`.
 */
export function boundElsewhere(req: Request, certificate: string | undefined): FiskalError | undefined {
  if (certificate === undefined) return undefined
  const socket = req.socket as Partial<TLSSocket>
  const shown = socket.authorized === true ? socket.getPeerCertificate?.().raw : undefined
  if (shown !== undefined && sha256(shown).toString('hex') === certificate) return undefined
  return new FiskalError(
    'forbidden',
    'The key is bound to a client certificate, and this connection shows another one or no certificate.',
    { reason: 'key_bound_to_certificate' },
  )
}
