import type { Json } from '../../../base/canonical.ts'
import type { Operation } from '../../contract/operation.ts'
import type { Members } from '../../journal/events.ts'
import type { BegunTransaction, JournalledDocument } from './journalled-document.ts'

/** What this law keeps of a document, read from its stored members. */
export type GermanState = {
  /** The law that records it; undefined if none does. */
  readonly law: string | undefined
  readonly transaction: BegunTransaction | undefined
  /** How its signature stands, and the signature: the answer of an opening of the drawer shows both as one. */
  readonly fiscal: Partial<Operation['fiscal']>
  readonly signed: NonNullable<JournalledDocument['fiscal_information']> | undefined
  /** The TSE was out when it was to begin. */
  readonly isStartFailed: boolean
  /** It went out without a signature, and is never signed later. */
  readonly isGivenUp: boolean
  /** Its till was answered before the TSE told what it did. */
  readonly isUndecided: boolean
}

/** The stored members. */
type Stored = {
  readonly $law?: string
  readonly $tse?: BegunTransaction
  readonly $fiscal?: Operation['fiscal']
  readonly $fiscal_information?: JournalledDocument['fiscal_information']
  readonly $start_failed?: boolean
  readonly $given_up?: boolean
  readonly $undecided?: number | null
}

export function stateOf(document: JournalledDocument & Stored): GermanState {
  const { $law, $tse, $fiscal, $fiscal_information: information, $start_failed, $given_up, $undecided } = document
  return {
    law: $law,
    transaction: $tse,
    fiscal: $fiscal ?? document.fiscal ?? {},
    signed: information ?? document.fiscal_information ?? undefined,
    isStartFailed: $start_failed === true,
    isGivenUp: $given_up === true,
    isUndecided: typeof $undecided === 'number',
  }
}

/** What an event sets of it. `fiscal` and `signed` are those of an opening of the drawer: all else shows them apart. */
export function stateMembers(change: {
  readonly transaction?: BegunTransaction
  readonly fiscal?: Json | undefined
  readonly signed?: Json | undefined
  readonly isStartFailed?: true
  readonly isGivenUp?: true
}): Members {
  const { transaction, fiscal, signed, isStartFailed, isGivenUp } = change
  return {
    ...(transaction !== undefined && { $tse: transaction }),
    ...(fiscal !== undefined && { $fiscal: fiscal }),
    ...(signed !== undefined && { $fiscal_information: signed }),
    ...(isStartFailed !== undefined && { $start_failed: isStartFailed }),
    ...(isGivenUp !== undefined && { $given_up: isGivenUp }),
  }
}
