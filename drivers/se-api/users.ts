import { DeviceError } from '../errors.ts'
import type { UserRole } from '../tr03151/system-log.ts'

export type SeUser = {
  id: string
  role: UserRole
  /** Compares in constant time; the element never sees where the PIN is kept. */
  pinFits(pin: string): boolean
}

export type LoginResult = {
  result: 'ok' | 'failed' | 'pinIsBlocked' | 'unknownUserId'
  /** -1 for an unknown user. */
  triesLeft: number
  role: UserRole
}

/** Who may log in and who is. An element without users asks for no login. */
export class SeUsers {
  readonly #users: readonly SeUser[]
  readonly #pinTries: number
  readonly #triesLeft = new Map<string, number>()
  readonly #loggedIn = new Set<string>()

  constructor(users: readonly SeUser[], pinTries: number) {
    this.#users = users
    this.#pinTries = pinTries
  }

  /** The counter goes down before the PIN is looked at, so that a power cut gives no free try. */
  logIn(userId: string, pin: string): LoginResult {
    const user = this.#users.find((candidate) => candidate.id === userId)
    if (!user) return { result: 'unknownUserId', triesLeft: -1, role: 'timeAdmin' }
    const left = this.#triesLeft.get(userId) ?? this.#pinTries
    if (left === 0) return { result: 'pinIsBlocked', triesLeft: 0, role: user.role }
    this.#triesLeft.set(userId, left - 1)
    if (!user.pinFits(pin)) return { result: 'failed', triesLeft: left - 1, role: user.role }
    this.#triesLeft.set(userId, this.#pinTries)
    this.#loggedIn.add(userId)
    return { result: 'ok', triesLeft: this.#pinTries, role: user.role }
  }

  /** False when nobody of that name was logged in. */
  logOut(userId: string): boolean {
    return this.#loggedIn.delete(userId)
  }

  /** Power-up: nobody is logged in. */
  forget(): void {
    this.#loggedIn.clear()
  }

  demand(...roles: readonly UserRole[]): void {
    if (this.#users.length === 0) return
    const allowed = this.#users.some((user) => roles.includes(user.role) && this.#loggedIn.has(user.id))
    if (!allowed)
      throw new DeviceError(
        'not_authorised',
        'none',
        `${roles.join(' or ')} must log in first`,
        'ErrorUserNotAuthenticated',
      )
  }
}
