import type { Request } from 'express'
import type { Json } from '../../base/canonical.ts'
import { canonicalJson } from '../../base/canonical.ts'
import { IDEMPOTENCY_KEY } from '../contract/scalars.ts'
import { FiskalError } from '../errors.ts'
import type { Access, Idempotency } from '../till/requests.ts'
import { claimId, holderOf, printOf, scopeOf } from '../till/requests.ts'
import { malformed } from './entry.ts'
import { header } from './exchange.ts'

/** The `Idempotency-Key` header, undefined without one. `template` is the route's, e.g. `/v1/registers/{id}`. */
export function idempotencyOf(
  req: Request,
  template: string,
  { caller, merchantId }: Access,
  body: Json | undefined,
  required: boolean,
): Idempotency | undefined {
  const key = header(req, 'idempotency-key')
  if (key === undefined) {
    if (required) throw keyRefused('Idempotency-Key is required here.')
    return undefined
  }
  if (!IDEMPOTENCY_KEY.test(key)) throw keyRefused('Idempotency-Key must be 1 to 255 visible ASCII characters.')
  const { method, path } = req
  const sent = { template, method, path, body: body === undefined ? '' : canonicalJson(body) }
  const scope = scopeOf(template, merchantId, holderOf(caller))
  return { scope, key, id: claimId(scope, key), print: printOf(sent), sent }
}

function keyRefused(message: string): FiskalError {
  return new FiskalError('invalid_request', message, { reason: 'idempotency_key' })
}

/** resource_version of `If-Match: "3"`; undefined without the header. Anything but one strong tag of ours is malformed. */
export function ifMatchOf(req: Request): number | undefined {
  const tag = header(req, 'if-match')
  if (tag === undefined) return undefined
  const version = /^"(0|[1-9]\d{0,14})"$/.exec(tag.trim())?.[1]
  if (version === undefined) {
    throw new FiskalError('invalid_request', 'If-Match must be one quoted version such as "1".', { reason: 'if_match' })
  }
  return Number(version)
}

/**
 * True for `Prefer: dry-run` (RFC 7240); its parameters are ignored. On another route or with a value it is refused: a
 * request that was meant as a trial must not take effect.
 */
export function isDryRun(req: Request, applies: boolean): boolean {
  const given = header(req, 'prefer')
  if (given === undefined) return false
  const preferences = given.split(',').map((one) => one.replace(/;.*/, '').trim().toLowerCase())
  const named = preferences.filter((one) => /^dry-run\s*(=|$)/.test(one))
  if (named.length === 0) return false
  if (!applies) throw malformed('Prefer: dry-run is for operations alone; nothing was done.')
  if (named.some((one) => one.includes('='))) throw malformed('Prefer: dry-run takes no value; nothing was done.')
  return true
}

const ORGANIZATION_LIMIT = 255

/** `OpenFiskal-Organization`, unchanged. */
export function organizationOf(req: Request): string | undefined {
  const organization = header(req, 'openfiskal-organization')
  if (organization === undefined || organization === '') return undefined
  if (organization.length > ORGANIZATION_LIMIT) {
    throw malformed(`OpenFiskal-Organization is longer than ${ORGANIZATION_LIMIT} characters.`)
  }
  return organization
}
