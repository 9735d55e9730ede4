import type * as z from 'zod'
import type { Json } from '../../base/canonical.ts'
import type { ErrorCode } from '../errors.ts'

export type Method = 'get' | 'post' | 'patch'

/** `methods`: several verbs may have the same answer. The first alone is documented: a twin would be one in every client. */
type Read = { readonly methods: readonly ['get', ...Method[]]; readonly idempotency?: never; readonly ifMatch?: never }
/** A row names what is not usual: it needs a key (`Idempotency-Key`), and no version (`If-Match`). */
type Write = {
  readonly methods: readonly [Exclude<Method, 'get'>, ...Method[]]
  readonly idempotency?: 'none'
  readonly ifMatch?: true
}

/** One row of the contract: the contents of a request and of its answer. */
export type Route = (Read | Write) & {
  /** Template; `{id}` etc. are path parameters. */
  readonly path: string
  readonly operationId: string
  readonly tag:
    | 'Merchants'
    | 'Locations'
    | 'Registers'
    | 'Payment terminals'
    | 'Operations'
    | 'Sessions'
    | 'Cash drawer'
    | 'Closings'
    | 'Exports'
    | 'Agent'
  /** At most 60 characters; a verb first. */
  readonly summary: string
  readonly description?: string
  /** False for pages and the document itself: people read them, so the OpenAPI document does not list them. */
  readonly listed?: false
  /**
   * `platform` only the back office's key · `any` also the key of the register concerned · `link` one of these, or the
   * signature of a link · `none` no key.
   */
  readonly auth: 'none' | 'platform' | 'any' | 'link'
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  readonly bodyOptional?: boolean
  /** `Prefer: dry-run` is applied: checked and shown, nothing journalled, no device touched, no key claimed. */
  readonly dryRun?: boolean
  /** A stream that continues after `Last-Event-ID`. */
  readonly lastEventId?: boolean
  readonly success: {
    readonly status: 200 | 201 | 202 | 301
    readonly description: string
    readonly schema?: z.ZodType
    /** The answer carries the resource's version as its ETag. */
    readonly etag?: boolean
    /** An example of an answer that no step of the scenario has. */
    readonly example?: Json
    /** Media types in addition to JSON, or instead of it if there is no schema. */
    readonly otherMediaTypes?: readonly string[]
    /** `data` of each event of a stream (text/event-stream). */
    readonly stream?: z.ZodType
  }
  /** In addition to those of every route of its kind ({@link errorCodesOf}). */
  readonly errors?: readonly ErrorCode[]
}

/** True for a route about a resource of a merchant: a header may name that merchant. */
export function isOfMerchant({ auth, path }: Route): boolean {
  return auth !== 'none' && !path.startsWith('/v1/merchants')
}

/** True if an `Idempotency-Key` must be sent. */
export function takesKey({ methods, idempotency }: Route): boolean {
  return methods[0] !== 'get' && idempotency !== 'none'
}

/** Status of a dry run: nothing is created. */
export const DRY_RUN_STATUS = 200

/** Each request may be refused with them: the guide lists them, and no table repeats them. */
export const OF_EVERY_ROUTE = [
  'host_not_allowed',
  'internal_error',
  'origin_not_allowed',
  'rate_limit_exceeded',
] as const

/** Every code that a route can answer with, sorted. */
export function errorCodesOf(route: Route): readonly ErrorCode[] {
  return [...new Set<ErrorCode>([...(route.errors ?? []), ...codesOfItsKind(route)])].sort()
}

/** The codes that every route of this kind has. */
export function codesOfItsKind(route: Route): ReadonlySet<ErrorCode> {
  const codes = new Set<ErrorCode>(OF_EVERY_ROUTE)
  const add = (...more: ErrorCode[]) => {
    for (const code of more) codes.add(code)
  }
  if (route.path.startsWith('/v1/')) add('invalid_request', 'shutting_down', 'storage_unavailable')
  // The merchant named by a request with a key may not exist.
  if (route.auth !== 'none') add('unauthorized', 'forbidden', 'not_found')
  if (route.path.includes('{')) add('not_found')
  if (route.methods[0] !== 'get') add('payload_too_large', 'unsupported_media_type')
  if (takesKey(route)) add('idempotency_key_conflict', 'idempotency_key_in_use', 'reconciling', 'version_too_old')
  if (route.path.startsWith('/v1/operations/{id}')) add('version_too_old')
  if (route.ifMatch) add('precondition_required', 'precondition_failed')
  return codes
}
