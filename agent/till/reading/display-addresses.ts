import { sha256 } from '../../../base/sha256.ts'
import { isDecommissioned, registerIds } from '../../journal/documents/registers.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'

type Tokens = { of(register: string): string; renew(register: string): void }

/** The registers by the tokens of their displays. Not of decommissioned ones. */
export class DisplayAddresses {
  readonly #view: View
  readonly #tokens: Tokens
  /** By the hash of the token: how long a search takes says nothing about a token. */
  #registers: ReadonlyMap<string, string> | undefined

  constructor(view: View, tokens: Tokens) {
    this.#view = view
    this.#tokens = tokens
  }

  registerOf(token: string): string | undefined {
    this.#registers ??= this.#read()
    return this.#registers.get(hashOf(token))
  }

  of(register: string): string {
    return `/display/${this.#tokens.of(register)}`
  }

  renew(register: string): void {
    this.#tokens.renew(register)
    this.#registers = undefined
  }

  /** A register was made or decommissioned. */
  note({ kind }: NewEvent): void {
    if (kind.startsWith('register.')) this.#registers = undefined
  }

  #read(): ReadonlyMap<string, string> {
    const present = registerIds(this.#view).filter((id) => !isDecommissioned(this.#view, id))
    return new Map(present.map((id) => [hashOf(this.#tokens.of(id)), id]))
  }
}

function hashOf(token: string): string {
  return sha256(token).toString('base64')
}
