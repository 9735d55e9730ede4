import type { Request, Response } from 'express'
import type { Clock } from '../../base/clock.ts'
import { Recent } from '../../base/recent.ts'
import { FiskalError, rateLimited } from '../errors.ts'
import type { Application } from '../till/application.ts'
import type { Caller } from '../till/requests.ts'
import { boundElsewhere } from './client-certificate.ts'
import { header } from './exchange.ts'
import { misplacedKey } from './misplaced-key.ts'
import { networkOf } from './strangers.ts'

const FAILURES = 10
const WINDOW_NS = 60_000_000_000n
const ADDRESSES = 4_096
const KEY_HEADERS = ['authorization', 'x-register-api-key', 'x-api-key'] as const
const MISTYPED =
  'The key is mistyped or cut off: its last characters do not belong to the others. Copy all of it again.'

/**
 * Identifies the caller. Wrong keys are counted per address: the eleventh within a minute is answered 429 instead of
 * 401. A valid key from the same address is never limited here: one till with a wrong key must not lock out its
 * neighbours.
 */
export class KeyCheck {
  readonly #application: Pick<Application, 'authenticate' | 'isWholeKey'>
  readonly #clock: Clock
  readonly #failures = new Recent<{ count: number; since: bigint }>(ADDRESSES)

  constructor(application: Pick<Application, 'authenticate' | 'isWholeKey'>, clock: Clock) {
    this.#application = application
    this.#clock = clock
  }

  /** The caller of a valid key; undefined for a stranger. */
  known(req: Request): Caller | undefined {
    const found = isKeyed(req) ? this.#look(req) : undefined
    return found instanceof FiskalError ? undefined : found
  }

  /** Throws for a stranger: `unauthorized`, `rate_limit_exceeded`, `forbidden`. */
  refuse(req: Request, res: Response): never {
    const refusal = this.#look(req)
    if (refusal instanceof FiskalError && refusal.code === 'forbidden') throw refusal
    if (refusal instanceof FiskalError) throw this.#counted(req, res, refusal)
    res.setHeader('WWW-Authenticate', 'Bearer realm="fiskal-edge"')
    throw new FiskalError('unauthorized', 'The request carries no key.')
  }

  /**
   * The caller, or why its keys are refused; undefined if it shows none. If both headers are sent, both must be valid,
   * and the register's key counts.
   */
  #look(req: Request): Caller | FiskalError | undefined {
    const authorization = req.headers.authorization
    const registerKey = header(req, 'x-register-api-key')
    const elsewhere = req.headers['x-api-key'] === undefined ? undefined : misplacedKey(req.headers)
    if (authorization === undefined && registerKey === undefined && elsewhere === undefined) return undefined
    const bearer = authorization === undefined ? undefined : bearerOf(authorization)
    const platform = bearer === undefined ? undefined : this.#application.authenticate('platform', bearer)
    const register = registerKey === undefined ? undefined : this.#application.authenticate('register', registerKey)
    const wrong =
      (authorization !== undefined && platform === undefined) || (registerKey !== undefined && register === undefined)
    const caller = elsewhere === undefined ? (register ?? platform) : undefined
    if (wrong || caller === undefined) return misplacedKey(req.headers) ?? this.#unknown(bearer, registerKey)
    return boundElsewhere(req, platform?.certificate) ?? boundElsewhere(req, register?.certificate) ?? caller
  }

  #unknown(...keys: readonly (string | undefined)[]): FiskalError {
    const areWhole = keys.every((key) => key === undefined || this.#application.isWholeKey(key))
    return new FiskalError('unauthorized', areWhole ? 'The key is unknown, revoked or wrong.' : MISTYPED)
  }

  /** The refusal of a wrong key, or of too many of them. */
  #counted({ socket }: Request, res: Response, refusal: FiskalError): FiskalError {
    const address = networkOf(socket.remoteAddress ?? '')
    const now = this.#clock.mono()
    const earlier = this.#failures.get(address)
    const current = earlier !== undefined && now - earlier.since < WINDOW_NS ? earlier : { count: 0, since: now }
    current.count++
    this.#failures.keep(address, current)
    if (current.count > FAILURES) {
      const retryAfterSeconds = Number((current.since + WINDOW_NS - now) / 1_000_000_000n) + 1
      return rateLimited('Too many wrong keys from this address.', retryAfterSeconds)
    }
    res.setHeader('WWW-Authenticate', 'Bearer realm="fiskal-edge", error="invalid_token"')
    return refusal
  }
}

/** False for a request without any key, right or wrong. */
export function isKeyed({ headers }: Request): boolean {
  return KEY_HEADERS.some((name) => headers[name] !== undefined)
}

function bearerOf(authorization: string): string | undefined {
  return /^bearer +([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1]
}
