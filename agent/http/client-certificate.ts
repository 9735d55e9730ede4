import type { TLSSocket } from 'node:tls'
import type { Request } from 'express'
import { FiskalError } from '../errors.ts'
import type { Caller } from '../till/requests.ts'

const REGISTER = /^reg_[0-9A-Za-z]+$/

/**
 * A certificate that names a register is for its terminal alone: no other key is taken over that connection. Certificates
 * that are not of the shop's authority, and connections without one, say nothing here. Throws `forbidden`.
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
