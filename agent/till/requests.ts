import { hash } from 'node:crypto'
import type { Json } from '../../base/canonical.ts'
import type { Marks } from '../journal/events.ts'

/**
 * The caller: a back office with a platform key, one register with its own, or a reader, which is a back office that may
 * only read what is of the merchant `reads`. `certificate`: SHA-256 (hex) of the only
 * client certificate that may use the key.
 */
export type Caller = { keyId: string; certificate?: string } & (
  | { kind: 'platform'; reads?: string }
  | { kind: 'register'; registerId: string }
)

/** The caller, and the merchant of the data. */
export type Access = {
  caller: Caller
  /** The merchant of the header, of the register's key, or the only one; undefined before the first one. */
  merchantId: string | undefined
}

/** The owner of keys: a register, whose keys are one space, or a platform key. */
export function holderOf(caller: Caller): string {
  return caller.kind === 'register' ? caller.registerId : caller.keyId
}

/**
 * The scope of an Idempotency-Key: per merchant, route and holder. A guessed key must not reveal the sales of another
 * register.
 */
export function scopeOf(template: string, merchantId: string | undefined, holder: string): string {
  // No merchant owns a merchant: the merchant that a request creates must not change the scope of its repetition.
  const owner = template === '/v1/merchants' ? undefined : merchantId
  return `${owner ?? '-'}:${template}:${holder}`
}

/** The name of a claim in the journal: SHA-256 of scope and key. */
export function claimId(scope: string, key: string): string {
  return hash('sha256', `${scope}\0${key}`, 'base64url')
}

/**
 * The claim of an answer: the same key in the same scope with the same print gets the same answer. Only an early answer
 * (`pending`) is later replaced by the final one, which never changes.
 */
export type Idempotency = {
  /**
   * Merchant id (or `-`), route template and holder, which is the register or the platform key of the caller:
   * `merchant_…:/v1/operations/{id}/complete:register_…`.
   */
  scope: string
  key: string
  /** {@link claimId} of both. */
  id: string
  /** {@link printOf} the request. */
  print: string
  sent: SentRequest
}

/** The request of a key: the template of its route, its path as it was sent, and its canonical body (empty without one). */
export type SentRequest = {
  readonly template: string
  readonly method: string
  readonly path: string
  readonly body: string
}

/** SHA-256, base64url. Line feeds separate its parts: neither method nor path can contain one. */
function firstPrint({ method, path, body }: SentRequest): string {
  return hash('sha256', `${method}\n${path}\n${body}`, 'base64url')
}

/**
 * By version: a claim is compared by its own, permanently. The text of a later one begins with its number and a point; the
 * first has no prefix.
 */
const PRINTS: ReadonlyMap<string, (sent: SentRequest) => string> = new Map([['', firstPrint]])
const VERSION_OF_PRINT = /^(?:\d+\.)?/

/** The print of a new claim. */
export function printOf(sent: SentRequest): string {
  return firstPrint(sent)
}

/** True if the print is that of the request; undefined for a print of a later program. */
export function isPrintOf(print: string, sent: SentRequest): boolean | undefined {
  const [version = ''] = VERSION_OF_PRINT.exec(print) ?? []
  const own = PRINTS.get(version)
  return own && own(sent) === print
}

/** Common parts of every changing request, in addition to its body. */
export type Mutation = Access & {
  /** When it arrived, in monotonic nanoseconds: its deadline counts from then, or from now if omitted. */
  arrivedNs?: bigint
  idempotency: Idempotency | undefined
  /** resource_version of If-Match; undefined if the header is missing. */
  ifMatch: number | undefined
  /** `OpenFiskal-Organization`, journalled unchanged. */
  organization: string | undefined
  /** The request is decided and shown; nothing is journalled, no device is called, no key is claimed. */
  dryRun?: boolean
}

/** A finished answer: the bytes that are sent, and sent again for the same idempotency key. */
export type Answer = {
  status: number
  /** ETag; of a dry run Preference-Applied. */
  headers: Readonly<Record<string, string>>
  /** JSON text. */
  body: string
  /** Id of the document that it shows; undefined for a dry run, which makes none. */
  subject: string | undefined
  /** True if it comes from the journal (`Idempotent-Replayed: true`). */
  replayed: boolean
}

/** A resource as it is answered: its canonical JSON is the body. */
export type Resource = { readonly [member: string]: Json | undefined }

/** One page of a list. */
export type Page<T> = { data: readonly T[]; next_cursor: string | null }
export type PageQuery = { limit: number; cursor: string | undefined }

/** The header OpenFiskal-Organization, journalled unchanged. */
export function origin({ organization }: Mutation): Pick<Marks, 'origin'> {
  return organization === undefined ? {} : { origin: { organization } }
}
