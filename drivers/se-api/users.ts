import { timingSafeEqual } from 'node:crypto'
import { DeviceError } from '../errors.ts'
import type { UserRole } from '../tr03151/system-log.ts'

/** Role, secrets and remaining tries of a user. A PIN or PUK that is undefined was never set. */
export type Credential = {
  role: UserRole
  pin: string | undefined
  puk: string | undefined
  pinTriesLeft: number
  pukTriesLeft: number
}

/** The part of the memory that holds the users. A change survives a power cut once `keep` has returned. */
export type Credentials = {
  find(userId: string): Credential | undefined
  keep(userId: string, credential: Credential): void
}

export type LoginResult = {
  result: 'ok' | 'failed' | 'pinIsBlocked' | 'unknownUserId'
  /** -1 for an unknown user. */
  triesLeft: number
  role: UserRole
}

export type UnblockResult = 'ok' | 'failed' | 'unknownUserId' | 'error'

/** The users of an element and their logins. An element without users requires no login. */
export class SeUsers {
  readonly #credentials: Credentials
  readonly #triesMax: number
  readonly #loggedIn = new Map<string, UserRole>()

  constructor(credentials: Credentials, triesMax: number) {
    this.#credentials = credentials
    this.#triesMax = triesMax
  }

  /** The counter is decremented before the PIN is compared, so that a power cut gives no free try. */
  logIn(userId: string, pin: string): LoginResult {
    const user = this.#credentials.find(userId)
    if (user === undefined) return { result: 'unknownUserId', triesLeft: -1, role: 'timeAdmin' }
    const { role } = user
    if (user.pinTriesLeft <= 0) return { result: 'pinIsBlocked', triesLeft: 0, role }
    const tried = { ...user, pinTriesLeft: user.pinTriesLeft - 1 }
    this.#credentials.keep(userId, tried)
    if (!isEqual(user.pin, pin)) return { result: 'failed', triesLeft: tried.pinTriesLeft, role }
    this.#credentials.keep(userId, { ...user, pinTriesLeft: this.#triesMax })
    this.#loggedIn.set(userId, role)
    return { result: 'ok', triesLeft: this.#triesMax, role }
  }

  /** Sets a new PIN with the PUK, whose tries are counted like those of the PIN; `error` if none are left. */
  unblock(userId: string, puk: string, newPin: string): UnblockResult {
    const user = this.#credentials.find(userId)
    if (user === undefined) return 'unknownUserId'
    if (user.pukTriesLeft <= 0) return 'error'
    this.#credentials.keep(userId, { ...user, pukTriesLeft: user.pukTriesLeft - 1 })
    if (!isEqual(user.puk, puk)) return 'failed'
    this.#credentials.keep(userId, {
      ...user,
      pin: newPin,
      pinTriesLeft: this.#triesMax,
      pukTriesLeft: this.#triesMax,
    })
    return 'ok'
  }

  /** Sets a user's PIN, PUK or both, with all tries: the set-up of a new unit. */
  assign(userId: string, role: UserRole, secrets: { pin?: string; puk?: string }): void {
    const { pin = undefined, puk = undefined } = { ...this.#credentials.find(userId), ...secrets }
    this.#credentials.keep(userId, { role, pin, puk, pinTriesLeft: this.#triesMax, pukTriesLeft: this.#triesMax })
  }

  /** False if that secret was never set. */
  has(userId: string, secret: 'pin' | 'puk'): boolean {
    return this.#credentials.find(userId)?.[secret] !== undefined
  }

  /** False if that user was not logged in. */
  logOut(userId: string): boolean {
    return this.#loggedIn.delete(userId)
  }

  isLoggedIn(userId: string): boolean {
    return this.#loggedIn.has(userId)
  }

  /** True if a different user is logged in. */
  hasOther(userId: string): boolean {
    return [...this.#loggedIn.keys()].some((other) => other !== userId)
  }

  /** Power-up ends all logins. */
  forget(): void {
    this.#loggedIn.clear()
  }

  /** The logged-in user with one of these roles. */
  demand(...roles: readonly UserRole[]): string {
    for (const [userId, role] of this.#loggedIn) if (roles.includes(role)) return userId
    throw new DeviceError(
      'not_authorised',
      'none',
      `${roles.join(' or ')} must log in first`,
      'ErrorUserNotAuthenticated',
    )
  }
}

/** Constant time for secrets of one length; a secret that was never set equals nothing. */
function isEqual(secret: string | undefined, given: string): boolean {
  if (secret === undefined) return false
  const [a, b] = [Buffer.from(secret), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}
