/** Every refusal of the receiver: HTTP status and title. */
const PROBLEMS = {
  malformed: { status: 400, title: 'Malformed' },
  truncated: { status: 400, title: 'The body is not complete' },
  'digest-mismatch': { status: 400, title: 'The content is not what its digest says' },
  unauthenticated: { status: 401, title: 'Token missing, unknown or revoked' },
  forbidden: { status: 403, title: 'Not with this token' },
  'wrong-tenant': { status: 403, title: 'The agent belongs to another tenant' },
  'not-found': { status: 404, title: 'Not found' },
  'unknown-chain': { status: 404, title: 'The chain is not registered' },
  'request-timeout': { status: 408, title: 'The request took too long' },
  gap: { status: 409, title: 'Events are missing' },
  fork: { status: 409, title: 'Another event is stored in that place' },
  'stale-epoch': { status: 409, title: 'The agent has a newer epoch' },
  'length-required': { status: 411, title: 'Content-Length is required' },
  'precondition-failed': { status: 412, title: 'It exists already, or another one' },
  'precondition-required': { status: 428, title: 'If-Match is required' },
  'too-large': { status: 413, title: 'Too large' },
  'unsupported-media-type': { status: 415, title: 'Content type not supported' },
  'unsupported-encoding': { status: 415, title: 'Content encoding not supported' },
  'hash-mismatch': { status: 422, title: 'A hash is not that of its content' },
  'bad-signature': { status: 422, title: 'The checkpoint is not signed by this chain' },
  'headers-too-large': { status: 431, title: 'Headers too large' },
  'too-many-requests': { status: 429, title: 'Too many requests at once' },
  'internal-error': { status: 500, title: 'Internal error' },
  busy: { status: 503, title: 'Busy' },
  'no-room': { status: 507, title: 'The storage of this agent is full' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof PROBLEMS

/** Problems that a retry may fix. */
const RETRYABLE: readonly ProblemCode[] = ['digest-mismatch', 'truncated', 'request-timeout', 'too-many-requests']

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
