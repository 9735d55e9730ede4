import type { Members } from '../events.ts'

/** The kinds of originals of which something may be left. */
export type Held = 'deposit' | 'claim' | 'voucher'

/**
 * Cents of an original: an operation, or anything else that has a name. `part`: what does not mix in it, such as the rates
 * of a deposit.
 */
export type Portion = {
  readonly what: Held
  readonly original: string
  readonly part: string
  readonly cents: bigint
}

/** A goods movement by its events. */
export type Movement = { readonly id: string; readonly kind: string; readonly shown: Members }

/** How operations use one kind of original. */
export type UseRule = {
  /** The amounts that others may use once the operation is completed. */
  holds(movement: Movement): readonly Portion[]
  /** The amounts that the operation uses, below 0 if it gives them back. `usedBy`: what another operation uses. */
  uses(movement: Movement, usedBy: (operation: string) => readonly Portion[]): readonly Portion[]
}
