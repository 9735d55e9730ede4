import type { Effect } from '../errors.ts'

/** T: a trial, which fulfils no duty; P: production. */
export type AuthorityMode = 'T' | 'P'

/** A registered thing, or the subject of a question: the law and the client of its office know more of it. */
export type AuthoritySubject = { readonly kind: string }

/**
 * One request, in the words of the law and of the client of its office. One with a secret is made when it is sent, and
 * never kept.
 */
export type AuthorityRequest = { readonly operation: string }

/** Why no answer was understood. */
export type LostAnswer = 'timeout' | 'connect' | 'tls' | 'reset' | 'http' | 'not_xml' | 'too_large' | 'other_packet'

/**
 * The next step after an answer: `done` and `state` look at the status of the subject; `later` tries this request again,
 * `later_day` not before `checkAgainMs`; `pause` stops the whole account for a while (maintenance, no answer);
 * `credentials` stops it until its files change or a person permits it; `refused` is not repeated; `unclear` needs a
 * person.
 */
export type AnswerClass = 'done' | 'state' | 'later' | 'later_day' | 'pause' | 'credentials' | 'refused' | 'unclear'

/** Our words for an answer that its codes do not name. */
export type AnswerReason =
  | 'credentials_refused'
  | 'login_unproven'
  | 'not_entitled'
  | 'unreachable'
  | 'maintenance'
  | 'malformed_request'
  | 'time_in_future'
  | 'before_last_change'
  | 'receipt_faulty'
  | 'unknown_code'

/**
 * The state of a subject. `none`: ended or never registered, the service does not say which. `changedAtMs`: the time of
 * the last change, for an outage the reported begin.
 */
export type SubjectStatus = {
  readonly state: 'known' | 'outage' | 'none'
  /** Its own word: `IN_BETRIEB`. */
  readonly word: string | undefined
  readonly changedAtMs: number | undefined
}

/** The result of a receipt check. `failed`: the failing leaves. */
export type ReceiptCheck = {
  readonly state: 'pass' | 'fail' | 'none'
  readonly failed: readonly { readonly id: string; readonly message: string }[]
}

/** No secret is in it: values of the request that the service repeats are taken out. */
export type AuthorityAnswer = {
  readonly class: AnswerClass
  /** The operation that ended with it: `login` if the request itself was not sent. */
  readonly operation: string
  /** `none`: the request certainly changed nothing there. */
  readonly effect: Effect
  /** The codes; empty without an answer. */
  readonly rc: readonly string[]
  readonly message: string
  readonly reason: AnswerReason | undefined
  readonly httpStatus: number | undefined
  readonly lost: LostAnswer | undefined
  /** Only in a usable answer to a question. */
  readonly status: SubjectStatus | undefined
  /** Only in an answer to a receipt check. */
  readonly check: ReceiptCheck | undefined
}

/** Credentials that are not tried again as they are. */
export type RefusedLogin = {
  /** The code of the login that refused them; undefined for a doubt, or files that cannot be used. */
  readonly rc: string | undefined
  readonly reason: 'credentials_refused' | 'login_unproven' | 'not_entitled'
  readonly message: string
}

/**
 * The participant of one merchant. One call at a time: a further one waits. A call logs in if no session is open; the
 * session stays open until `logOut`. No call throws, but for an aborted signal.
 */
export type AuthorityAccount = {
  /** VAT id, tax number or id of the merchant; undefined if the configuration names none. */
  readonly merchant: string | undefined
  /** The last three characters of the participant; undefined before its file was read. */
  participant(): string | undefined
  /** Paths of the files with the credentials. */
  readonly files: readonly string[]
  /** Asks for the status of a subject; `packet` may repeat one. */
  ask(subject: AuthoritySubject, packet: number, signal: AbortSignal): Promise<AuthorityAnswer>
  /** Sends one entry. `requestId`: at most 50 characters, returned in the answer. */
  send(request: AuthorityRequest, packet: number, requestId: string, signal: AbortSignal): Promise<AuthorityAnswer>
  /** One login and logout with the present files. */
  check(signal: AbortSignal): Promise<AuthorityAnswer>
  logOut(signal: AbortSignal): Promise<void>
  /**
   * A keyed print of the present credentials and settings, which may be journalled: with others a refused request is worth
   * another try. Undefined if the files cannot be used.
   */
  print(): Promise<string | undefined>
  /** Undefined if the present files may be tried. Sends nothing. */
  refused(): Promise<RefusedLogin | undefined>
  /** A person permits one more login with refused credentials. */
  admit(): Promise<void>
}

/** How a call to the office ended: `later`: it takes none now; `lost`: no answer was understood. */
export type CallResult = 'done' | 'refused' | 'later' | 'lost'

/** Pauses of the desk, in milliseconds. */
export type AuthorityTiming = {
  readonly callMs: number
  readonly retryMinMs: number
  readonly retryMaxMs: number
  readonly askMs: number
  readonly visibleMs: number
  readonly checkAgainMs: number
}

/** A tax office with its service. */
export type Authority = {
  readonly mode: AuthorityMode
  /** The host that answers for the office in production; absent if it is the office's own. */
  readonly relay?: string | undefined
  readonly timing: AuthorityTiming
  readonly accounts: readonly AuthorityAccount[]
}
