import { ERRORS } from '../../errors.ts'
import { membersOf } from './exchange.ts'
import type { Reply } from './losing-proxy.ts'

/** Added to each answer of T-17. */
const UNKNOWN = 'conformance_unknown'

/** A refusal in the form of the agent's. */
export function refusalOf(
  code: 'fiscal_device_busy' | 'payment_total_mismatch',
  message: string,
  retryAfterSeconds?: number,
): Reply {
  const { status, title, remedy } = ERRORS[code]
  const facts = { type: `/errors/${code}`, title, status, code, message, remedy, details: {} }
  const error = { ...facts, retryable: status >= 500 }
  const body = { ...error, fiscal_effect: 'none', request_id: 'conformance' }
  const waiting = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-request-id': 'conformance', ...waiting },
    body: Buffer.from(JSON.stringify(body)),
  }
}

/** The answer with an unknown member and an unknown hint; only in JSON objects. */
export function withUnknownMembers(reply: Reply): Reply {
  const members = Buffer.isBuffer(reply.body) ? membersOf(reply.body) : undefined
  if (members === undefined || reply.status >= 300) return reply
  const { hints } = members
  const hint = { code: UNKNOWN, message: 'A hint that no version of the contract has.' }
  const all = { ...members, [UNKNOWN]: { value: 1 }, hints: [...(Array.isArray(hints) ? hints : []), hint] }
  return { ...reply, body: Buffer.from(JSON.stringify(all)) }
}
