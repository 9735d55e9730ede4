import type { RecordedDocument } from '../../../agent/journal/documents/document.ts'
import type { Members } from '../../../agent/journal/events.ts'
import type { MembersOf } from '../../../agent/laws/law-words.ts'

/** The state of the law in a document: its members are frozen. `unsigned`: it went out without a signature. */
type DocumentState = { readonly unsigned?: true }

export const STATE: MembersOf<DocumentState & { name: string }> = { name: true, unsigned: true }

export function stateOf({ parts }: RecordedDocument): DocumentState {
  return parts.law as DocumentState
}

/** The members that an event sets. */
export function stateMembers(state: DocumentState): Members {
  return state
}

/** The state of a register's chain: the digest of its last receipt; null if the chain accepts no further one. */
type ChainState = { readonly last: string | null }

/** Undefined before the first receipt. */
export function chainOf(members: Members | undefined): ChainState | undefined {
  return members as ChainState | undefined
}

export function chainMembers(state: ChainState): Members {
  return state
}
