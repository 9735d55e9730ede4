import type { Marks } from '../journal/events.ts'

/**
 * Who calls: a back office with a platform key, or one register with its own. `certificate`: SHA-256 (hex) of the only
 * client certificate that opens the key.
 */
export type Caller = { keyId: string; certificate?: string } & (
  | { kind: 'platform' }
  | { kind: 'register'; registerId: string }
)

/** Who asks, and whose data it is about. */
export type Access = {
  caller: Caller
  /** The merchant of the header, of the register's key, or the only one; undefined where none exists yet. */
  merchantId: string | undefined
}

/** A stored-answer claim: the same key in the same scope with the same print gets the same bytes for ever. */
export type Idempotency = {
  /** Merchant id (or `-`) + route template, e.g. `merchant_…:/v1/operations/{id}/complete`. */
  scope: string
  key: string
  /** SHA-256, base64url, over method, path and canonical body. */
  print: string
}

/** What every changing request carries beside its body. */
export type Mutation = Access & {
  idempotency: Idempotency | undefined
  /** resource_version of If-Match; undefined when the header is missing. */
  ifMatch: number | undefined
  /** `OpenFiskal-Organization`, journalled as it came. */
  organization: string | undefined
  /** Decided and shown, nothing journalled and no device touched; without a claim. */
  dryRun?: boolean
}

/** A finished answer: the bytes that are sent, and sent again for the same idempotency key. */
export type Answer = {
  status: number
  /** ETag, Location, Retry-After. */
  headers: Readonly<Record<string, string>>
  /** JSON text. */
  body: string
  /** True when it comes from the journal (`Idempotent-Replayed: true`). */
  replayed: boolean
}

/** One page of a list. */
export type Page<T> = { data: readonly T[]; next_cursor: string | null }
export type PageQuery = { limit: number; cursor: string | undefined }

/** The header OpenFiskal-Organization, journalled as it came. */
export function origin({ organization }: Mutation): Pick<Marks, 'origin'> {
  return organization === undefined ? {} : { origin: { organization } }
}
