import type { DocumentOf } from '../../journal/documents/document.ts'
import type { OperationKind } from '../../journal/documents/kind.ts'
import { isOperationKind } from '../../journal/documents/kind.ts'
import type { ResourceIndex } from '../../journal/events.ts'

/** A document that may be a bon: an operation, or an opening of the drawer. */
export type BonDocument = DocumentOf<OperationKind | 'drawer_opening'>

/** The kind of the bon that an event begins; undefined for a document without a bon. */
export function bonKindIn({ kind }: ResourceIndex): BonDocument['kind'] | undefined {
  return isOperationKind(kind) || kind === 'drawer_opening' ? kind : undefined
}
