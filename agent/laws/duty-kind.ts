import type { DutyName } from '../texts/duties.ts'

/** The kind of a task: its law and office, null for one of the agent itself, and why it exists. */
export type DutyKind = {
  /** Stable, `at.register_registration`. */
  readonly kind: string
  /** The name of the law, as in documents. */
  readonly regime: string | null
  readonly authority: string | null
  /** One sentence. */
  readonly why: string
}

function ofAgent(kind: DutyName<'agent'>, why: string): DutyKind {
  return { kind: `agent.${kind}`, regime: null, authority: null, why }
}

/** The tasks that no law defines. */
export const AGENT_KINDS = {
  clock: ofAgent('clock', 'The journal has events in the future: only a person knows whether the clock is right.'),
  machine: ofAgent('machine', 'The journal belongs to another machine: only a person knows which one the shop uses.'),
  epoch: ofAgent('epoch', 'The journal continues without some earlier events.'),
  replaced: ofAgent('replaced', 'Another copy of this journal continues in a newer epoch.'),
  credentials: ofAgent('credentials', 'Without a login the agent reports nothing to the authority.'),
  outcome: ofAgent('outcome', 'A device has not reported the outcome of an act for a day.'),
} as const satisfies Readonly<Record<string, DutyKind>>
