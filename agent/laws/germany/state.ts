import type { Json } from '../../../base/canonical.ts'
import type { Operation } from '../../contract/operation.ts'
import type { RecordedDocument } from '../../journal/documents/document.ts'
import type { MembersOf } from '../law-words.ts'
import type { VatMeaning } from './vat.ts'

/** The transaction of a document: the unit that began it, and when (RFC 3339 UTC). */
export type BegunTransaction = {
  device: string
  client: string
  serial: string
  transaction: number
  started_at: string
}

type Signed = NonNullable<Operation['fiscal_information']>

/** The law's state of a document. */
export type GermanState = {
  readonly transaction: BegunTransaction | undefined
  /** State of the signature and the signature itself: the answer of a drawer opening shows both as one member. */
  readonly fiscal: Partial<Operation['fiscal']>
  readonly signed: Signed | undefined
  /** Its TSE was retired while it was open: it is never signed. */
  readonly isUnsigned: boolean
  /** The meanings of rates and codes of the configuration. */
  readonly vat: readonly VatMeaning[]
}

/** The stored form; its members are frozen. `fiscal` and `signed`: of a drawer opening. */
type Stored = {
  readonly transaction?: BegunTransaction
  readonly fiscal?: Operation['fiscal']
  readonly signed?: Signed
  readonly unsigned?: true
  readonly vat?: readonly VatMeaning[]
}

export const STATE: MembersOf<Stored & { name: string }> = {
  name: true,
  transaction: true,
  fiscal: true,
  signed: true,
  unsigned: true,
  vat: true,
}

const NO_MEANINGS: readonly VatMeaning[] = []

/** A document that does not name its law has a state too. */
export function stateOf(document: RecordedDocument): GermanState {
  const { transaction, fiscal, signed, unsigned, vat } = document.parts.law as Stored
  const shown = signatureIn(document)
  return {
    transaction,
    fiscal: fiscal ?? shown.fiscal ?? {},
    signed: signed ?? shown.fiscal_information ?? undefined,
    isUnsigned: unsigned === true,
    vat: vat ?? NO_MEANINGS,
  }
}

/** As the answer shows it. */
function signatureIn(document: RecordedDocument): Partial<Pick<Operation, 'fiscal' | 'fiscal_information'>> {
  switch (document.kind) {
    case 'register':
      return {}
    case 'drawer_opening':
      return document.shown.fiscal === null ? {} : { fiscal: document.shown.fiscal }
    default:
      return document.shown
  }
}

/** The members that an event sets. `fiscal` and `signed` belong to drawer openings: others have them separately. */
export function stateMembers(change: {
  readonly transaction?: BegunTransaction
  readonly fiscal?: Json | undefined
  readonly signed?: Json | undefined
  readonly isUnsigned?: true
}) {
  const { transaction, fiscal, signed, isUnsigned } = change
  return {
    ...(transaction !== undefined && { transaction }),
    ...(fiscal !== undefined && { fiscal }),
    ...(signed !== undefined && { signed }),
    ...(isUnsigned !== undefined && { unsigned: isUnsigned }),
  }
}
