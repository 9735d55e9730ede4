import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../errors.ts'
import { TOKEN_PIN } from '../ports/secrets.ts'
import type { RefusableSecrets } from '../refused-pins.ts'
import { RefusedPins } from '../refused-pins.ts'
import type { TokenFacts } from './pkcs11-calls.ts'

/** Who wants to log in: the probe that runs by itself, or a human who takes the risk of one more try. */
export type Asker = 'probe' | 'technician'

const USER = 'token'

/** Guards the token's PIN counter: by what it refused, and by the flags with which it tells of wrong PINs itself. */
export class PinGuard {
  readonly #refused: RefusedPins
  #proven: string | undefined

  constructor(directory: string, secrets: RefusableSecrets, clock: Pick<Clock, 'mono'>) {
    this.#refused = new RefusedPins(directory, secrets, clock, () => TOKEN_PIN)
  }

  /** Throws `pin_locked` or `pin_wrong` where a try must not be made. */
  async check(pin: string, facts: TokenFacts, asker: Asker): Promise<void> {
    if (facts.pinLocked) throw new DeviceError('pin_locked', 'none', `the PIN of token ${facts.label} is locked`)
    if (asker === 'technician') return
    const refusal = await this.#refused.refusal(USER, pin)
    if (refusal !== undefined) throw refusal
    if (facts.pinFinalTry) throw stop(facts, 'has one try left', 'unlock it with its PUK first')
    // The flag outlives us: the wrong PIN may have come from another program, and ours may be just as wrong.
    const isUnproven = this.#proven !== pin && !(await this.#refused.hasRefused(USER))
    if (facts.pinCountLow && isUnproven)
      throw stop(facts, 'counts a wrong PIN already', 'if the PIN file is right, `device init` tries it')
  }

  async refused(pin: string, code: 'pin_wrong' | 'pin_locked', facts: TokenFacts): Promise<void> {
    this.#proven = undefined
    await this.#refused.refused(USER, pin, code, `token ${facts.label} refused this PIN before`)
  }

  /** Of the PIN that opened the token, which a key wants for every signature: another program has changed it meanwhile. */
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
