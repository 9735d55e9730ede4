import type { Json } from '../../canonical.ts'
import type { Members } from '../../journal/events.ts'

/**
 * How far a document has come, beside it in the journal (`$rt`). Every act that prints has a baseline of its own, read
 * before it and durable with its intent.
 */
export type PrintState = {
  /** What the printer had done before the act to come; none before it was read, and none after the act. */
  baseline: Members | undefined
  /** What was printed of it already. */
  printed: readonly Members[]
  /** The printer wants its daily closing before it prints on. */
  closure: 'due' | 'made' | undefined
}

export function stateOf(document: Members): PrintState {
  const state = (document['$rt'] ?? {}) as Members
  const closure = state['closure']
  return {
    baseline: (state['baseline'] ?? undefined) as Members | undefined,
    printed: (state['printed'] ?? []) as readonly Members[],
    closure: closure === 'due' || closure === 'made' ? closure : undefined,
  }
}

/** `$rt` with some of it changed. */
export function stateMembers(state: PrintState): { $rt: Json } {
  const { baseline, printed, closure } = state
  return {
    $rt: {
      ...(baseline !== undefined && { baseline: baseline as Json }),
      ...(printed.length > 0 && { printed: printed as unknown as Json }),
      ...(closure !== undefined && { closure }),
    },
  }
}

/** Nothing is under way any more; what was printed of a document that goes on later stays known. */
export function restingMembers({ printed }: PrintState): { $rt: Json } {
  return { $rt: printed.length === 0 ? null : { printed: printed as unknown as Json } }
}
