import { createHmac } from 'node:crypto'
import type { Json } from '../../base/canonical.ts'
import { DISPLAYS } from './state-directory.ts'

type Sealed = {
  displayKey: Uint8Array
  seal: (name: string, value: Json) => void
  unseal: (name: string) => Json | undefined
}
type Renewals = { readonly [register: string]: number | undefined }

const TOKEN_BYTES = 16

/**
 * The tokens in the addresses of customer's displays: one a register, the same until it is renewed. Nothing is stored
 * but how often each was renewed.
 */
export class DisplayTokens {
  readonly #sealed: Sealed
  #renewals: Renewals | undefined

  constructor(sealed: Sealed) {
    this.#sealed = sealed
  }

  /** 22 letters, digits, `-` and `_`. */
  of(register: string): string {
    const { displayKey } = this.#sealed
    const mac = createHmac('sha256', displayKey)
      .update(`${register} ${this.#counts()[register] ?? 0}`)
      .digest()
    return mac.subarray(0, TOKEN_BYTES).toString('base64url')
  }

  /** The former token is worth nothing from now on. */
  renew(register: string): void {
    const counts = this.#counts()
    const renewals = { ...counts, [register]: (counts[register] ?? 0) + 1 }
    this.#sealed.seal(DISPLAYS, renewals)
    this.#renewals = renewals
  }

  /** A file that does not open was sealed under another key: that key has made every former token worthless. */
  #counts(): Renewals {
    this.#renewals ??= this.#read()
    return this.#renewals
  }

  #read(): Renewals {
    try {
      return (this.#sealed.unseal(DISPLAYS) as Renewals | undefined) ?? {}
    } catch {
      return {}
    }
  }
}
