import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeviceError } from '../errors.ts'
import type { TokenFacts } from './pkcs11-calls.ts'

/** Who wants to log in: the probe that runs by itself, or a human who takes the risk of one more try. */
export type Asker = 'probe' | 'technician'

/** Two bytes only: enough to see that the PIN file was changed, too little to tell the PIN. */
const PRINT_BYTES = 2

type Refusal = { code: 'pin_wrong' | 'pin_locked'; salt: string; print: string }

/**
 * Guards the token's PIN counter. A PIN that the token refused is not tried again by itself, also not after a restart,
 * until the PIN file says something else or a technician asks: a few tries lock a card for good.
 */
export class PinGuard {
  readonly #path: string
  readonly #directory: string
  #loaded = false
  #refusal: Refusal | undefined
  #proven: string | undefined

  constructor(directory: string) {
    this.#directory = directory
    this.#path = join(directory, 'pin-refused.json')
  }

  /** Throws `pin_locked` or `pin_wrong` where a try must not be made. */
  async check(pin: string, facts: TokenFacts, asker: Asker): Promise<void> {
    if (facts.pinLocked) throw new DeviceError('pin_locked', 'none', `the PIN of token ${facts.label} is locked`)
    if (asker === 'technician') return
    await this.#load()
    if (this.#refusal && print(pin, this.#refusal.salt) === this.#refusal.print) {
      throw stop(facts, 'refused this PIN before', this.#refusal.code)
    }
    if (facts.pinFinalTry) throw stop(facts, 'has one try left')
    // The flag outlives us: the wrong PIN may have come from another program, and ours may be just as wrong.
    if (facts.pinCountLow && !this.#refusal && this.#proven !== pin) throw stop(facts, 'counts a wrong PIN already')
  }

  async refused(pin: string, code: Refusal['code']): Promise<void> {
    const salt = randomBytes(16).toString('hex')
    this.#refusal = { code, salt, print: print(pin, salt) }
    this.#loaded = true
    this.#proven = undefined
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 })
      await writeFile(this.#path, JSON.stringify(this.#refusal), { mode: 0o600, flush: true })
    } catch {
      // A full disk must not hide the wrong PIN; this process remembers it, and the token's own flag the next one.
    }
  }

  async accepted(pin: string): Promise<void> {
    this.#proven = pin
    await this.#load()
    if (!this.#refusal) return
    this.#refusal = undefined
    await rm(this.#path, { force: true })
  }

  async #load(): Promise<void> {
    if (this.#loaded) return
    this.#refusal = await readRefusal(this.#path)
    this.#loaded = true
  }
}

function stop(facts: TokenFacts, why: string, code: Refusal['code'] = 'pin_wrong'): DeviceError {
  const mend = 'not tried until the PIN file changes or `device init` is asked for'
  return new DeviceError(code, 'none', `token ${facts.label} ${why}: ${mend}`)
}

function print(pin: string, salt: string): string {
  return createHash('sha256').update(salt).update(pin).digest().subarray(0, PRINT_BYTES).toString('hex')
}

async function readRefusal(path: string): Promise<Refusal | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    return undefined
  }
  try {
    const { code, salt, print: known } = JSON.parse(text) as Partial<Refusal>
    return code && salt && known ? { code, salt, print: known } : undefined
  } catch {
    // Half written at a power cut: the token's own flag still holds the next try back.
    return undefined
  }
}
