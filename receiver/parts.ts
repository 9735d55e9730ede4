import type { Request } from 'express'
import type { Clock } from '../base/clock.ts'
import { isUuid } from '../sync/protocol/chain-hash.ts'
import { WIRE_LIMITS } from '../sync/protocol/envelope.ts'
import type { Log } from '../sync/protocol/log.ts'
import type { Admission } from './admission.ts'
import type { ChainDirectory, KnownChain } from './chain-directory.ts'
import { Problem } from './problem.ts'
import { readBody } from './request-body.ts'
import type { Identity, Store } from './store.ts'
import type { StoreTrouble } from './store-trouble.ts'
import { tokenHash } from './tokens.ts'

export type ReceiverParts = {
  readonly store: Store
  readonly directory: ChainDirectory
  readonly admission: Admission
  readonly trouble: StoreTrouble
  /** Limit of all blobs of one agent. */
  readonly blobQuotaBytes: number
  readonly clock: Clock
  readonly log: Log
}

/** Bearer for programs; Basic, whose password is the token, for the browser of the head office. Throws Problem. */
export async function authenticate(parts: ReceiverParts, request: Request): Promise<Identity> {
  // The scheme in any case (RFC 9110 §11.1).
  const [, scheme, value = ''] = /^(bearer|basic) +(\S+) *$/i.exec(request.get('Authorization') ?? '') ?? []
  const basic = Buffer.from(value, 'base64').toString('utf8')
  const token = scheme?.toLowerCase() === 'basic' ? basic.slice(basic.indexOf(':') + 1) : value
  const isWellFormed = scheme !== undefined && token.length <= 200
  const bearer = isWellFormed ? await parts.store.identify(tokenHash(token)) : undefined
  if (bearer === undefined) throw new Problem('unauthenticated', 'Send a valid token: Authorization: Bearer ….')
  const { identity, ownerId } = bearer
  if (identity.kind === 'agent' && identity.tenantId !== ownerId) await refuseForeign(parts, request, identity)
  return identity
}

/** The administrator has moved the agent to another tenant, or two tenants announced it. Throws Problem. */
async function refuseForeign(
  { store, admission }: ReceiverParts,
  request: Request,
  identity: Extract<Identity, { kind: 'agent' }>,
): Promise<never> {
  const { chainId } = request.params
  if (request.method !== 'GET' && request.method !== 'HEAD' && typeof chainId === 'string' && isUuid(chainId)) {
    const { agentId, tenantId } = identity
    await admission.run('batch', holderOf(identity), async () => {
      const bytes = await readBody(request, WIRE_LIMITS.maxEncodedBytes, false)
      await store.owners.refuse({ agentId, tenantId, chainId, seq: undefined, bytes })
    })
  }
  throw wrongTenant()
}

export function wrongTenant(): Problem {
  return new Problem('wrong_tenant', 'The agent belongs to another tenant of this receiver.')
}

/** The agent or office whose requests count together. */
export function holderOf(identity: Identity): string {
  return identity.kind === 'agent' ? identity.agentId : identity.tenantId
}

/** Throws Problem if the token is not one of an office. */
export async function authenticateOffice(parts: ReceiverParts, request: Request): Promise<Identity> {
  const identity = await authenticate(parts, request)
  if (identity.kind !== 'office') throw new Problem('forbidden', 'This needs the token of a head office.')
  return identity
}

/** The chain of the path: that of the token's agent, or any of its tenant. Throws Problem. */
export async function chainOf(parts: ReceiverParts, request: Request, identity: Identity): Promise<KnownChain> {
  const chain = await parts.directory.find(uuidParameter(request, 'chainId'))
  if (chain === undefined) throw new Problem('unknown_chain', 'Register the chain with PUT first.')
  const own =
    identity.kind === 'agent'
      ? identity.agentId === chain.agentId
      : identity.tenantId === (await parts.store.owners.tenantOf(chain.agentId))
  if (!own) throw new Problem('forbidden', 'This is the chain of another agent.')
  return chain
}

/** The agent of the token; an office names one of its tenant. Throws Problem. */
export async function agentOf({ store }: ReceiverParts, identity: Identity, named: unknown): Promise<string> {
  if (identity.kind === 'agent') {
    if (named === undefined || named === identity.agentId) return identity.agentId
    throw new Problem('forbidden', 'This is of another agent.')
  }
  if (typeof named !== 'string' || !isUuid(named)) throw new Problem('malformed', 'Name the agent: ?agent=ID.')
  if ((await store.owners.tenantOf(named)) !== identity.tenantId)
    throw new Problem('not_found', 'There is no such agent.')
  return named
}

/** Throws Problem `malformed`. */
export function uuidParameter(request: Request, name: string): string {
  const value = request.params[name]
  if (typeof value !== 'string' || !isUuid(value))
    throw new Problem('malformed', `${name} is not a UUID in lower case.`)
  return value
}

/** A whole number of the query, `fallback` if it is missing. Throws Problem `malformed`. */
export function numberParameter(request: Request, name: string, fallback: number, most: number): number {
  const text = request.query[name]
  if (text === undefined) return fallback
  const value = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= most)) throw new Problem('malformed', `${name} is a whole number up to ${most}.`)
  return value
}
