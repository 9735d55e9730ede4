import { membersIn, textIn } from '../../journal/checked.ts'
import type { Document } from '../../journal/documents/document.ts'
import type { EventBody, Members } from '../../journal/events.ts'
import type { MembersOf } from '../law-words.ts'
import type { ReceiptKind } from './special-receipts.ts'

/** A code, and words for a person. */
export type Refusal = { readonly code: string; readonly message: string }

/** The state that this law stores with a document. A register without a signed Startbeleg needs none: its status is `failed`. */
export type State = {
  /**
   * The receipt of a requested closing: its kind, and the month or year that it closes (`''`: none). `isLast`: a
   * register that ended in an outage still owed it.
   */
  readonly receipt?: { readonly kind: ReceiptKind; readonly period: string; readonly is_last?: boolean }
  /** Units that did not sign its receipt, or one that was due before. */
  readonly tried?: readonly string[]
  /** The receipt in the Datenerfassungsprotokoll. */
  readonly jws?: string
  /** Why no unit signed its receipt, which carries the marker. */
  readonly refused?: Refusal
  /** A sale over 0,00 that no unit signed: only DEP131 has it. */
  readonly left_out?: true
  /** A register that ended while no unit signed: its Schlussbeleg follows. */
  readonly ending?: true
  /** The number of receipts of a report, and its session if it covers one. They distinguish reports of the same date. */
  readonly report?: { readonly receipts: number; readonly session?: string | undefined }
}

/** The members that an event sets. `tried: null`: all units may be tried again. */
type StateChange = Omit<State, 'tried'> & { readonly tried?: readonly string[] | null }

/** The member name of the receipt in an event's text; readers that do not parse the text search for it in quotes. */
export const JWS_MEMBER = 'jws'
const REFUSED_MEMBER = 'refused' satisfies keyof State

/** The stored form: its members are frozen. */
type Stored = StateChange & { readonly name?: string }

export const STATE: MembersOf<Stored> = {
  name: true,
  receipt: true,
  tried: true,
  jws: true,
  refused: true,
  left_out: true,
  ending: true,
  report: true,
}

/** A document that does not name its law has a state too. */
export function stateOf({ parts }: Pick<Document, 'parts'>): State {
  const { name, tried, ...state } = parts.law as Stored
  return { ...state, ...(tried != null && { tried }) }
}

/** The state members that an event sets. */
export function stateMembers(change: StateChange): Members {
  return change
}

/** Why no unit signed it. Older journals do not say. */
export function refusalIn({ law }: Pick<EventBody, 'law'>): Refusal | undefined {
  const { code, message } = membersIn(law?.[REFUSED_MEMBER]) ?? {}
  return typeof code === 'string' && typeof message === 'string' ? { code, message } : undefined
}

/** The receipt that an event makes final, as a JWS. The event may come from an untrusted file. */
export function jwsIn({ law }: Pick<EventBody, 'law'>): string | undefined {
  return textIn(law?.[JWS_MEMBER])
}
