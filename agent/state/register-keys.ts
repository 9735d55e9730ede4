import type { KeyObject } from 'node:crypto'
import { createSecretKey } from 'node:crypto'
import type { Json } from '../../base/canonical.ts'
import { messageOf } from '../../base/thrown.ts'
import { FiskalError } from '../errors.ts'

type SealedKeys = {
  seal: (name: string, value: Json) => void
  unseal: (name: string) => Json | undefined
}

export type RegisterKeysOptions = { sealed: SealedKeys; random: (length: number) => Uint8Array }

/** Bytes of AES-256 (RKSV Anlage Z 8). */
const KEY_BYTES = 32

/**
 * The key that encrypts a register's turnover counter: made once per register, stored sealed, for the register's life.
 */
export class RegisterKeys {
  readonly #options: RegisterKeysOptions
  readonly #keys = new Map<string, KeyObject>()

  constructor(options: RegisterKeysOptions) {
    this.#options = options
  }

  /** Makes the key if it is missing; to be called before the register's first receipt. */
  async provide(register: string): Promise<void> {
    const { sealed, random } = this.#options
    if (this.#find(register) !== undefined) return
    const key = Buffer.from(random(KEY_BYTES)).toString('base64')
    sealed.seal(nameOf(register), { aes_key: key })
  }

  /**
   * A key of 32 bytes. Throws `fiscal_device_unavailable` if the key is lost: the register's chain cannot continue
   * then.
   */
  of(register: string): KeyObject {
    const { key, why } = this.keyOrReason(register)
    if (key !== undefined) return key
    throw new FiskalError(
      'fiscal_device_unavailable',
      `The AES key of register ${register} ${why}. Bring the keys back from a backup (fiskal-edge restore FILE --keys-only); without it the register can record nothing more: decommission it and make a new one.`,
      { register_id: register, reason: 'aes_key_lost' },
    )
  }

  holds(register: string): boolean {
    return this.keyOrReason(register).key !== undefined
  }

  /** The key, or why it is missing. */
  keyOrReason(register: string): { key: KeyObject; why?: undefined } | { key?: undefined; why: string } {
    try {
      const key = this.#find(register)
      return key === undefined ? { why: 'is not in the state directory' } : { key }
    } catch (error) {
      return { why: `cannot be read: ${messageOf(error)}` }
    }
  }

  #find(register: string): KeyObject | undefined {
    const keptKey = this.#keys.get(register)
    if (keptKey !== undefined) return keptKey
    const sealed = this.#options.sealed.unseal(nameOf(register)) as { aes_key: string } | undefined
    if (sealed === undefined) return undefined
    const key = createSecretKey(sealed.aes_key, 'base64')
    this.#keys.set(register, key)
    return key
  }
}

function nameOf(register: string): string {
  return `aes-${register}`
}
