import type { EventBody } from '../events.ts'

/** The turnover of each session, by the events alone. */
export class SessionTurnovers {
  /** Undefined if a bon of it is known by its unit alone: the journal lost the lines. */
  readonly #sums = new Map<string, bigint | undefined>()
  /** The newest session of each register, and the closed ones by register and Z. */
  readonly #newest = new Map<string, string>()
  readonly #closed = new Map<string, string>()

  add(session: string | undefined, cents: bigint): void {
    const sum = session === undefined ? undefined : this.#sumOf(session)
    if (session !== undefined && sum !== undefined) this.#sums.set(session, sum + cents)
  }

  note(kind: string, { receipt, session }: EventBody): void {
    if (session !== undefined) this.#newest.set(session.register, session.id)
    const newest = receipt === undefined ? undefined : this.#newest.get(receipt.register)
    if (kind === 'transaction.lost' && newest !== undefined) this.#sums.set(newest, undefined)
    const z = session?.own?.z_number
    if (session !== undefined && z !== undefined) this.#closed.set(`${session.register} ${z}`, session.id)
  }

  /** Undefined if it is not known. */
  of(register: string, z: number): bigint | undefined {
    const session = this.#closed.get(`${register} ${z}`)
    return session === undefined ? undefined : this.#sumOf(session)
  }

  /** 0 without a bon. */
  #sumOf(session: string): bigint | undefined {
    return this.#sums.has(session) ? this.#sums.get(session) : 0n
  }
}
