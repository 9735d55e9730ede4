import type { Clock } from '../../base/clock.ts'
import { monoMs, rfc3339 } from '../../base/clock.ts'
import { Mutex } from '../../base/mutex.ts'
import type { Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type {
  AnswerClass,
  AuthorityAccount,
  AuthorityAnswer,
  AuthorityMode,
  CallResult,
  RefusedLogin,
} from '../ports/authority.ts'
import type { RkdbOperation, RkdbRequest, RkdbSubject } from '../ports/finanzonline.ts'
import type { EntryAnswer } from './answers.ts'
import { checkIn, decode, entryAnswer, sessionAnswer, statusIn } from './answers.ts'
import type { Meaning } from './codes.ts'
import { meaningOf, meaningOfLogin } from './codes.ts'
import type { CredentialOptions } from './credentials.ts'
import { isSame, Login, refusedLogin, UnusableCredentialsError } from './credentials.ts'
import type { Credentials, Envelope, Packet, Session } from './requests.ts'
import { entryEnvelope, loginEnvelope, logoutEnvelope, statusEnvelope } from './requests.ts'
import { shownText } from './secrets.ts'
import type { TransportOptions } from './transport.ts'
import { LostError, postEnvelope } from './transport.ts'

export type AccountOptions = CredentialOptions & {
  readonly merchant: string | undefined
  readonly mode: AuthorityMode
  readonly makerVatId: string
  readonly clock: Clock
  readonly checkAgainMs: number
  readonly transport: TransportOptions
  readonly onCall: ((operation: RkdbOperation, result: CallResult) => void) | undefined
}

/** An answer before it is assigned to an operation. */
type Result = Partial<Omit<AuthorityAnswer, 'class' | 'operation'>> & { readonly class: AnswerClass }

/** Limits of what is kept of an answer: no event of a duty is larger than 8 KiB. */
const MESSAGE_MAX = 400
const CODES_MAX = 8
const CODE_MAX = 20
const LEAVES_MAX = 6
const ID_MAX = 50
const DETAIL_MAX = 120

const MISSING_RIGHT: RefusedLogin = {
  rc: '-4',
  reason: 'not_entitled',
  message: 'the user has no right for the Registrierkassen-Webservice (rc −4)',
}

/** A login that did not succeed, with the answer of the call that needed it. */
class LoginError extends DeviceError {
  readonly result: Result

  constructor(result: Result, code: 'pin_wrong' | 'pin_locked' | 'busy' | 'refused' | 'timeout' | 'unavailable') {
    // A code that no one knows may mean anything, also a counted try.
    const of = code === 'refused' ? 'unknown' : undefined
    super(code, result.effect ?? 'none', wordsOf(result, code), undefined, [], of)
    this.result = result
  }
}

/** One participant of FinanzOnline with one user: its session, and one call at a time. */
export class FinanzOnlineAccount implements AuthorityAccount {
  readonly merchant: string | undefined
  readonly files: readonly string[]
  readonly #options: AccountOptions
  readonly #login: Login
  readonly #calls = new Mutex()
  #session: Session | undefined
  /** The credentials of the session, to remove them from texts of the service. */
  #credentials: Credentials | undefined
  /** The service refused an entry of these. */
  #rightless: { readonly credentials: Credentials; readonly untilMs: number } | undefined

  constructor(options: AccountOptions) {
    const { merchant, files } = options
    this.#options = options
    this.merchant = merchant
    this.files = [files.participant, files.user, files.pin]
    this.#login = new Login(options)
  }

  participant(): string | undefined {
    return this.#credentials?.participant.slice(-3)
  }

  ask(subject: RkdbSubject, packet: number, signal: AbortSignal): Promise<AuthorityAnswer> {
    const operation = subject.kind === 'unit' ? 'status_see' : 'status_kasse'
    return this.#called(operation, signal, async () => {
      const answer = await this.#entry((session) => statusEnvelope(session, this.#packet(packet), subject), packet)
      return this.#noted(operation, 'class' in answer ? answer : questionResult(answer))
    })
  }

  send(request: RkdbRequest, packet: number, requestId: string, signal: AbortSignal): Promise<AuthorityAnswer> {
    const secrets = request.operation === 'registrierung_kasse' ? [request.aesKey] : []
    const envelope = (session: Session) => entryEnvelope(session, this.#packet(packet), request, requestId)
    return this.#called(
      request.operation,
      signal,
      async () => {
        const answer = await this.#entry(envelope, packet, requestId)
        const ofEntry = request.operation === 'belegpruefung' ? checkResult : resultOf
        return this.#noted(request.operation, 'class' in answer ? answer : ofEntry(answer))
      },
      secrets,
    )
  }

  check(signal: AbortSignal): Promise<AuthorityAnswer> {
    return this.#called('login', signal, async () => {
      await this.#loggedOut()
      await this.#loggedIn()
      await this.#loggedOut()
      return { class: 'done', rc: ['0'] }
    })
  }

  async logOut(signal: AbortSignal): Promise<void> {
    if (this.#session === undefined) return
    await this.#called('logout', signal, async () => {
      await this.#loggedOut()
      return { class: 'done' }
    })
  }

  async print(): Promise<string | undefined> {
    const { prints, makerVatId, transport } = this.#options
    try {
      return prints.accountPrint(await this.#login.read(), [makerVatId, transport.url])
    } catch (error) {
      if (!(error instanceof UnusableCredentialsError)) throw error
      return undefined
    }
  }

  async refused(): Promise<RefusedLogin | undefined> {
    try {
      const credentials = await this.#login.read()
      const error = await this.#login.refusal(credentials)
      return error ? refusedLogin(error) : this.#missingRight(credentials)
    } catch (error) {
      if (!(error instanceof UnusableCredentialsError)) throw error
      return { rc: undefined, reason: 'credentials_refused', message: error.message }
    }
  }

  async admit(): Promise<void> {
    this.#rightless = undefined
    this.#login.admit()
  }

  #noted<Of extends Result>(operation: RkdbOperation, result: Of): Of {
    this.#options.onCall?.(operation, callResultOf(result))
    return result
  }

  /** The signal of the running call. */
  #signal = new AbortController().signal
  /** The sessions of the running call, those that ended in it too. */
  #sessionIds: string[] = []

  /** One call at a time; what fails in it becomes an answer. */
  async #called(
    operation: RkdbOperation,
    signal: AbortSignal,
    act: () => Promise<Result>,
    secrets: readonly string[] = [],
  ): Promise<AuthorityAnswer> {
    const leave = await this.#calls.enter(signal)
    this.#signal = signal
    this.#sessionIds = []
    try {
      return this.#answer(operation, await act(), secrets)
    } catch (error) {
      if (signal.aborted) throw error
      if (error instanceof LoginError) return this.#answer('login', { ...error.result, effect: 'none' }, secrets)
      if (error instanceof UnusableCredentialsError)
        return this.#answer('login', {
          class: 'credentials',
          reason: 'credentials_refused',
          message: error.message,
          effect: 'none',
        })
      if (error instanceof DeviceError) return this.#answer('login', notTried(error))
      throw error
    } finally {
      leave()
    }
  }

  #answer(operation: RkdbOperation, result: Result, secrets: readonly string[] = []): AuthorityAnswer {
    const own = this.#credentials
    const all = [...secrets, ...(own === undefined ? [] : [own.pin, own.user, own.participant])]
    const shown = (text: string, most: number): string => shownText(text, [...all, ...this.#sessionIds], most)
    const { rc = [], message = '', effect = 'unknown', check } = result
    const failed = check?.failed.slice(0, LEAVES_MAX).map((leaf) => ({
      id: shown(leaf.id, ID_MAX),
      message: shown(leaf.message, DETAIL_MAX),
    }))
    return {
      ...{ reason: undefined, httpStatus: undefined, lost: undefined, status: undefined },
      ...result,
      operation,
      effect,
      rc: rc.slice(0, CODES_MAX).map((code) => shown(code, CODE_MAX)),
      message: shown(message, MESSAGE_MAX),
      check: check && { ...check, failed: failed ?? [] },
    }
  }

  /** One entry, after a login if it needs one: an ended session is opened again, and the call repeated once. */
  async #entry(
    envelope: (session: Session) => Envelope,
    packet: number,
    requestId?: string,
  ): Promise<EntryAnswer | Result> {
    for (let isSecond = false; ; isSecond = true) {
      const session = await this.#loggedIn()
      this.#sessionIds.push(session.id)
      const answer = await this.#posted(envelope(session), 'rkdbResponse', (response) =>
        entryAnswer(response, packet, requestId),
      )
      if ('class' in answer) return answer
      const meaning = meaningOf(answer.rc)
      if (meaning.class === 'credentials') await this.#withoutRight()
      if (meaning.class !== 'session') return answer
      this.#session = undefined
      if (isSecond) return { class: 'pause', rc: answer.rc, message: answer.message, effect: 'none' }
    }
  }

  /** The account is asked again after a while, with other files, or at the word of a person. No login counts a try. */
  async #withoutRight(): Promise<void> {
    const { clock, checkAgainMs } = this.#options
    const credentials = this.#credentials
    if (credentials !== undefined) this.#rightless = { credentials, untilMs: monoMs(clock) + checkAgainMs }
    await this.#loggedOut()
  }

  #missingRight(credentials: Credentials): RefusedLogin | undefined {
    const rightless = this.#rightless
    const isOver = rightless === undefined || rightless.untilMs <= monoMs(this.#options.clock)
    return isOver || !isSame(credentials, rightless.credentials) ? undefined : MISSING_RIGHT
  }

  async #loggedIn(): Promise<Session> {
    const credentials = await this.#login.read()
    if (this.#session !== undefined && isSame(credentials, this.#credentials)) return this.#session
    await this.#loggedOut()
    this.#credentials = credentials
    this.#session = await this.#login.logIn(credentials, () => this.#newSession(credentials))
    return this.#session
  }

  /** Throws LoginError. */
  async #newSession(credentials: Credentials): Promise<Session> {
    const envelope = loginEnvelope(credentials, this.#options.makerVatId)
    const answer = await this.#posted(envelope, 'loginResponse', sessionAnswer)
    if ('class' in answer) throw new LoginError(this.#noted('login', answer), codeOfLost(answer))
    const { rc, message, id } = answer
    const meaning: Meaning = rc === '0' && id === '' ? { class: 'unclear', reason: 'unknown_code' } : meaningOfLogin(rc)
    const result = this.#noted('login', { ...(meaning as Result), rc: [rc], message, effect: 'unknown' as const })
    if (meaning.class === 'done') return { participant: credentials.participant, user: credentials.user, id }
    if (meaning.class === 'credentials') throw new LoginError(result, rc === '-4' ? 'pin_wrong' : 'pin_locked')
    throw new LoginError(result, meaning.class === 'pause' ? 'busy' : 'refused')
  }

  /** A logout without an answer is not repeated: the service ends the session itself. */
  async #loggedOut(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    if (session === undefined) return
    const answer = await this.#posted(logoutEnvelope(session), 'logoutResponse', sessionAnswer)
    this.#noted('logout', 'class' in answer ? answer : { class: 'done' })
  }

  /** The answer as `read` reads it, else the result of a call without one. */
  async #posted<Answer extends object>(
    envelope: Envelope,
    name: string,
    read: (response: Parameters<typeof sessionAnswer>[0]) => Answer | undefined,
  ): Promise<Answer | Result> {
    try {
      const answered = await postEnvelope(this.#options.transport, envelope, this.#signal)
      const decoded = decode(answered, name)
      const httpStatus = answered.status
      if (decoded.kind === 'lost') return { ...lostResult(decoded.lost, 'unknown'), httpStatus }
      if (decoded.kind === 'malformed')
        return { class: 'refused', reason: 'malformed_request', message: decoded.message, effect: 'none', httpStatus }
      return read(decoded.response) ?? { ...lostResult('other_packet', 'unknown'), httpStatus }
    } catch (error) {
      if (error instanceof LostError) return lostResult(error.lost, error.effect, error.message)
      throw error
    }
  }

  #packet(number: number): Packet {
    const at = `${rfc3339(this.#options.clock.now()).slice(0, 19)}Z`
    return { mode: this.#options.mode, number, at }
  }
}

function lostResult(lost: NonNullable<AuthorityAnswer['lost']>, effect: Effect, message = ''): Result {
  return { class: 'pause', reason: 'unreachable', lost, effect, message }
}

/** Kept with the print of the credentials: only codes that we know, and words of ours. */
function wordsOf({ rc: [rc = ''] = [], lost }: Result, code: string): string {
  return meaningOfLogin(rc).class === 'credentials' ? rc : (lost ?? code)
}

/** A login without an answer may have been counted, unless it was never sent. */
function codeOfLost({ class: of, effect }: Result): 'timeout' | 'unavailable' | 'busy' {
  if (of !== 'pause') return 'busy'
  return effect === 'none' ? 'unavailable' : 'timeout'
}

function callResultOf({ class: of, lost }: Result): CallResult {
  if (lost !== undefined) return 'lost'
  switch (of) {
    case 'done':
      return 'done'
    case 'later':
    case 'later_day':
    case 'pause':
      return 'later'
    case 'state':
    case 'credentials':
    case 'refused':
    case 'unclear':
      return 'refused'
  }
}

/** The login was not tried: these credentials were refused, or got no answer. */
function notTried(error: DeviceError): Result {
  const { rc, reason, message } = refusedLogin(error)
  return { class: 'credentials', rc: rc === undefined ? [] : [rc], reason, message, effect: 'none' }
}

function resultOf({ rc, message }: EntryAnswer): Result {
  const meaning = meaningOf(rc)
  const of: AnswerClass = meaning.class === 'session' ? 'pause' : meaning.class
  const changed: Effect = of === 'done' || of === 'state' || of === 'unclear' ? 'unknown' : 'none'
  return { class: of, reason: meaning.reason, rc, message, effect: changed }
}

/** Only a code of success with a status, and the codes of a subject that is not registered, answer the question. */
function questionResult(answer: EntryAnswer): Result {
  const result = { ...resultOf(answer), effect: 'none' } as const
  if (result.class !== 'done' && result.class !== 'state') return result
  const status = statusIn(answer)
  return status === undefined
    ? { ...result, class: 'unclear', reason: 'unknown_code' }
    : { ...result, class: 'done', status }
}

function checkResult(answer: EntryAnswer): Result {
  const result = resultOf(answer)
  const check = checkIn(answer)
  return result.class === 'done' && check.state !== 'pass'
    ? { ...result, class: 'unclear', check }
    : { ...result, check }
}
