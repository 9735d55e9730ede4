import type { ErrorDto } from './contract.ts'

/** One answer of the agent, or of whatever is between. */
export type Reply = {
  readonly status: number
  /** Parsed JSON or bytes; undefined if it is not what was asked for. */
  readonly body: unknown
  readonly isReplayed: boolean
  readonly retryAfterMs: number
}

/** The consequence of one attempt. */
export type Meaning =
  | { readonly kind: 'done'; readonly value: unknown; readonly isReplayed: boolean }
  /** No answer, or one that asks for the same request again. */
  | { readonly kind: 'again'; readonly error?: ErrorDto; readonly isUnknown: boolean; readonly retryAfterMs: number }
  /** Said before, or instead of, the stored answer of the key: it refuses nothing that may be recorded. */
  | { readonly kind: 'barred'; readonly error: ErrorDto }
  /** The key has another request: not a refusal of this one, so the operation is read. */
  | { readonly kind: 'conflict'; readonly error: ErrorDto }
  /** A device recorded a part: only the same request records the rest. */
  | { readonly kind: 'partial'; readonly error: ErrorDto }
  | { readonly kind: 'refused'; readonly error: ErrorDto }

const NO_ANSWER: Meaning = { kind: 'again', isUnknown: true, retryAfterMs: 0 }
const BARRED: readonly number[] = [401, 403, 421]
const PRECONDITION_FAILED = 412

export function meaningOf(reply: Reply | undefined): Meaning {
  if (reply === undefined) return NO_ANSWER
  const { status, body, isReplayed, retryAfterMs } = reply
  if (status >= 200 && status < 300) return body === undefined ? NO_ANSWER : { kind: 'done', value: body, isReplayed }
  if (!isError(body)) return NO_ANSWER
  // A later version of the agent made what this key made: the shop stepped back.
  if (BARRED.includes(status) || body.code === 'version_too_old') return { kind: 'barred', error: body }
  // It is `retryable`, with a version that no one has seen: another till has changed the basket.
  if (status === PRECONDITION_FAILED) return { kind: 'refused', error: body }
  if (body.code === 'idempotency_key_conflict') return { kind: 'conflict', error: body }
  if (body.retryable || body.fiscal_effect === 'unknown')
    return { kind: 'again', error: body, isUnknown: body.fiscal_effect !== 'none', retryAfterMs }
  return { kind: body.fiscal_effect === 'recorded' ? 'partial' : 'refused', error: body }
}

/** A page of a proxy has another form, whatever its status. */
function isError(body: unknown): body is ErrorDto {
  if (typeof body !== 'object' || body === null) return false
  const { code, fiscal_effect: effect, retryable } = body as Partial<ErrorDto>
  return typeof code === 'string' && typeof effect === 'string' && typeof retryable === 'boolean'
}
