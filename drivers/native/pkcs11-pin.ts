import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../errors.ts'
import { TOKEN_PIN } from '../ports/secrets.ts'
import type { RefusableSecrets } from '../refused-pins.ts'
import { RefusedPins } from '../refused-pins.ts'
import type { TokenFacts } from './pkcs11-calls.ts'

/** The caller of a login: the automatic probe, or a technician who accepts the risk of one more try. */
export type Asker = 'probe' | 'technician'

const USER = 'token'

/** Protects the token's PIN counter, by its refusals and by the flags with which it reports wrong PINs. */
export class PinGuard {
  readonly #refused: RefusedPins
  #proven: string | undefined

  constructor(directory: string, secrets: RefusableSecrets, clock: Pick<Clock, 'mono'>) {
    this.#refused = new RefusedPins(directory, secrets, clock, () => TOKEN_PIN)
  }

  /** Throws `pin_locked` or `pin_wrong` if a try is not allowed. */
  async check(pin: string, facts: TokenFacts, asker: Asker): Promise<void> {
    if (facts.pinLocked) throw new DeviceError('pin_locked', 'none', `the PIN of token ${facts.label} is locked`)
    if (asker === 'technician') return
    const refusal = await this.#refused.refusal(USER, pin)
    if (refusal !== undefined) throw refusal
    if (facts.pinFinalTry) throw stop(facts, 'has one try left', 'unlock it with its PUK first')
    // The flag outlives this process: another program may have sent the wrong PIN, and ours may be wrong too.
    const isUnproven = this.#proven !== pin && !(await this.#refused.hasRefused(USER))
    if (facts.pinCountLow && isUnproven)
      throw stop(facts, 'counts a wrong PIN already', 'if the PIN file is right, `device init` tries it')
  }

  async refused(pin: string, code: 'pin_wrong' | 'pin_locked', facts: TokenFacts): Promise<void> {
    this.#proven = undefined
    await this.#refused.refused(USER, pin, code, `token ${facts.label} refused this PIN before`)
  }

  /**
   * The refused PIN is the one that opened the token, required by a key for every signature: another program has
   * changed it since.
   */
  async refusedLater(code: 'pin_wrong' | 'pin_locked', facts: TokenFacts): Promise<void> {
    if (this.#proven !== undefined) await this.refused(this.#proven, code, facts)
  }

  async accepted(pin: string): Promise<void> {
    this.#proven = pin
    await this.#refused.accepted(USER)
  }
}

function stop(facts: TokenFacts, why: string, remedy: string): DeviceError {
  const message = `token ${facts.label} ${why}: the PIN is not tried until its file changes; ${remedy}`
  return new DeviceError('pin_wrong', 'none', message)
}
