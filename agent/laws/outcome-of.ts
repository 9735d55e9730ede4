import type { Outcome } from './law.ts'

/** The outcomes that an act of that name may have. */
export type OutcomeOf<Any, Name extends string> = Any extends { kind: 'done'; act: infer Act }
  ? Act extends Name
    ? Any
    : never
  : Any

/** The outcome of an act, with the result of that act. Throws for the result of another one: a defect of the law. */
export function outcomeOf<Any extends Outcome, Name extends string>(outcome: Any, name: Name): OutcomeOf<Any, Name> {
  if (outcome.kind !== 'done' || outcome.act === name) return outcome as OutcomeOf<Any, Name>
  throw new TypeError(`the result of another act concludes no ${name}`)
}
