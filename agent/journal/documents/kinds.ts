import type { NewEvent, Parts, ResourceIndex } from '../events.ts'
import type {
  Document,
  DocumentOf,
  GoodsDocument,
  OperationDocument,
  RecordedDocument,
  SoldDocument,
  StoredParts,
} from './document.ts'
import { asDocument, NO_PARTS, partsAfter, StoredDocument } from './document.ts'
import type { Kind } from './kind.ts'
import { isKind, isOperationKind, SOLD } from './kind.ts'

/** The kind of the document that an event makes; undefined for one of a newer program. */
export function kindOf({ kind }: ResourceIndex): Kind | undefined {
  return isKind(kind) ? kind : undefined
}

export function isOperation(document: Document): document is OperationDocument {
  return isOperationKind(document.kind)
}

/** True for documents that a law may record: all but master data, exports and paper checks. */
export function isRecorded(document: Document): document is RecordedDocument {
  const { kind } = document
  return kind === 'register' || kind === 'closing' || kind === 'drawer_opening' || isOperation(document)
}

/** A goods movement that was requested as such. */
export function isSold(document: Document): document is SoldDocument {
  return Object.hasOwn(SOLD, document.kind)
}

/** A goods movement, or the reversal of one. */
export function isGoods(document: Document): document is GoodsDocument {
  return document.kind === 'void' || isSold(document)
}

/** Narrows a document to its kind. */
export function ofKind<Each extends Kind>(document: Document | undefined, kind: Each): DocumentOf<Each> | undefined {
  return document?.kind === kind ? (document as DocumentOf<Each>) : undefined
}

/** The operation that a goods movement refers to: the sale, the deposit, or the operation that it reverses. */
export function originalIn(document: GoodsDocument): string | undefined {
  switch (document.kind) {
    case 'return':
    case 'exchange':
    case 'deposit_capture':
    case 'void':
      return document.shown.related_operation_id
    case 'sale':
    case 'deposit':
      return undefined
    default:
      return document satisfies never
  }
}

/** The register of a document. An online sale has no register: it counts as its own. */
export function registerIdIn(document: RecordedDocument): string {
  return document.kind === 'register' ? document.id : (document.shown.register_id ?? document.id)
}

/** The document that an event makes. */
export function madeBy({ kind, op, body }: NewEvent): Document {
  const { index } = body
  const made = asDocument(new StoredDocument(index && kindOf(index), op, partsAfter(NO_PARTS, body)))
  if (made === undefined) throw new Error(`${kind} makes no document`)
  return made
}

/** The same, of a kind that is known. */
export function madeAs<Each extends Kind>(event: NewEvent, kind: Each): DocumentOf<Each> {
  const made = ofKind(madeBy(event), kind)
  if (made === undefined) throw new Error(`${event.kind} makes no ${kind}`)
  return made
}

/** The stored parts of a session. */
export type SessionParts = Pick<StoredParts, 'shown' | 'own'>

/** A session after one more event. */
export function sessionAfter(before: SessionParts, change: Omit<Parts, 'law'>): SessionParts {
  const { shown, own } = partsAfter({ ...before, law: {} }, change)
  return { shown, own }
}

/** Sessions are changed by events of others, and have no event that makes them alone. */
export function sessionOf(id: string, { shown, own }: SessionParts): DocumentOf<'session'> {
  return new StoredDocument('session', id, { shown, own, law: {} }) as unknown as DocumentOf<'session'>
}
