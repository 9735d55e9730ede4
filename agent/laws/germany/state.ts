import type { Json } from '../../../base/canonical.ts'
import type { Operation } from '../../contract/operation.ts'
import type { Members } from '../../journal/events.ts'
import type { BegunTransaction, JournalledDocument } from './journalled-document.ts'

/** The law's state of a document. */
export type GermanState = {
  readonly transaction: BegunTransaction | undefined
  /** State of the signature and the signature itself: the answer of a drawer opening shows both as one member. */
  readonly fiscal: Partial<Operation['fiscal']>
  readonly signed: NonNullable<JournalledDocument['fiscal_information']> | undefined
  /** Its TSE was retired while it was open: it is never signed. */
  readonly isUnsigned: boolean
}

/** The stored form; its members are frozen. `fiscal` and `signed`: of a drawer opening. */
type Stored = {
  readonly transaction?: BegunTransaction
  readonly fiscal?: Operation['fiscal']
  readonly signed?: NonNullable<JournalledDocument['fiscal_information']>
  readonly unsigned?: true
}

export function stateOf(document: Pick<JournalledDocument, 'law' | 'fiscal' | 'fiscal_information'>): GermanState {
  const { transaction, fiscal, signed, unsigned } = document.law as Stored
  return {
    transaction,
    fiscal: fiscal ?? document.fiscal ?? {},
    signed: signed ?? document.fiscal_information ?? undefined,
    isUnsigned: unsigned === true,
  }
}

/** The members that an event sets. `fiscal` and `signed` belong to drawer openings: others have them separately. */
export function stateMembers(change: {
  readonly transaction?: BegunTransaction
  readonly fiscal?: Json | undefined
  readonly signed?: Json | undefined
  readonly isUnsigned?: true
}): Members {
  const { transaction, fiscal, signed, isUnsigned } = change
  return {
    ...(transaction !== undefined && { transaction }),
    ...(fiscal !== undefined && { fiscal }),
    ...(signed !== undefined && { signed }),
    ...(isUnsigned !== undefined && { unsigned: isUnsigned }),
  }
}
