import type { Json } from '../../../base/canonical.ts'
import type { Operation } from '../../contract/operation.ts'
import type { Members } from '../../journal/events.ts'
import type { BegunTransaction, JournalledDocument } from './journalled-document.ts'

/** What this law keeps of a document. */
export type GermanState = {
  readonly transaction: BegunTransaction | undefined
  /** How its signature stands, and the signature: the answer of an opening of the drawer shows both as one. */
  readonly fiscal: Partial<Operation['fiscal']>
  readonly signed: NonNullable<JournalledDocument['fiscal_information']> | undefined
  /** Its TSE was retired while it was open: it is never signed. */
  readonly isUnsigned: boolean
}

/** As it is stored; its members are frozen. `fiscal` and `signed`: of an opening of the drawer. */
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

/** What an event sets of it. `fiscal` and `signed` are those of an opening of the drawer: all else shows them apart. */
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
