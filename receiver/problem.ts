/** Every refusal of the receiver: HTTP status and title. */
const PROBLEMS = {
  malformed: { status: 400, title: 'Malformed' },
  truncated: { status: 400, title: 'The body is not complete' },
  digest_mismatch: { status: 400, title: 'The content is not what its digest says' },
  unauthenticated: { status: 401, title: 'Token missing, unknown or revoked' },
  forbidden: { status: 403, title: 'Not with this token' },
  wrong_tenant: { status: 403, title: 'The agent belongs to another tenant' },
  not_found: { status: 404, title: 'Not found' },
  unknown_chain: { status: 404, title: 'The chain is not registered' },
  request_timeout: { status: 408, title: 'The request took too long' },
  gap: { status: 409, title: 'Events are missing' },
  fork: { status: 409, title: 'Another event is stored in that place' },
  stale_epoch: { status: 409, title: 'The agent has a newer epoch' },
  length_required: { status: 411, title: 'Content-Length is required' },
  precondition_failed: { status: 412, title: 'It exists already, or another one' },
  too_large: { status: 413, title: 'Too large' },
  unsupported_media_type: { status: 415, title: 'Content type not supported' },
  unsupported_encoding: { status: 415, title: 'Content encoding not supported' },
  hash_mismatch: { status: 422, title: 'A hash is not that of its content' },
  bad_signature: { status: 422, title: 'The checkpoint is not signed by this chain' },
  headers_too_large: { status: 431, title: 'Headers too large' },
  too_many_requests: { status: 429, title: 'Too many requests at once' },
  internal_error: { status: 500, title: 'Internal error' },
  busy: { status: 503, title: 'Busy' },
  no_room: { status: 507, title: 'The storage of this agent is full' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof PROBLEMS

/** Problems that a retry may fix. */
const RETRYABLE: readonly ProblemCode[] = ['digest_mismatch', 'truncated', 'request_timeout', 'too_many_requests']

/** A refusal as RFC 9457 has it; `more` are its extension members. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly more: { readonly [member: string]: unknown }
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ProblemCode,
    detail: string,
    more: { readonly [member: string]: unknown } = {},
    retryAfterSeconds?: number,
  ) {
    super(detail)
    this.code = code
    this.more = more
    this.retryAfterSeconds = retryAfterSeconds
  }

  get status(): number {
    return PROBLEMS[this.code].status
  }

  document(): { readonly [member: string]: unknown } {
    const { status, title } = PROBLEMS[this.code]
    const retryable = status >= 500 || RETRYABLE.includes(this.code)
    const type = `urn:fiskal-edge:receiver:${this.code}`
    return { type, title, status, code: this.code, detail: this.message, retryable, ...this.more }
  }
}
