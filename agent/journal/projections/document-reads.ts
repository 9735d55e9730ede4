import type { Database } from 'better-sqlite3'
import type { Weighed } from '../../../base/recent.ts'
import { recall } from '../../../base/recent.ts'
import type { Document, DocumentOf, OperationDocument, StoredParts } from '../documents/document.ts'
import { asDocument, isOperation, kindOf, NO_PARTS, ofKind, partsAfter, StoredDocument } from '../documents/document.ts'
import type { Kind } from '../documents/kind.ts'
import { tseId, unitId } from '../documents/records.ts'
import type { ResourceIndex, StoredEvent } from '../events.ts'
import { bodyOf } from '../events.ts'
import type { Cache } from './cache.ts'

/** Documents up to a seq, or as they are now. */
export function documentReads({ db, cache: { documents } }: { db: Database; cache: Cache }) {
  const ofOp = db.prepare<[string, number], StoredEvent>(
    "SELECT * FROM event WHERE op = ? AND op <> '' AND seq <= ? ORDER BY seq",
  )
  const firstOf = db.prepare<[string], Pick<StoredEvent, 'body'>>(
    "SELECT body FROM event WHERE op = ? AND op <> '' ORDER BY seq LIMIT 1",
  )
  // Events without a resource are not indexed, so they cannot be read by op.
  const read = (op: string, upTo = Number.MAX_SAFE_INTEGER): Weighed<StoredDocument> | undefined =>
    op === '' ? undefined : merge(op, ofOp.iterate(op, upTo))
  const stored = (op: string, upTo: number | undefined): StoredDocument | Document | undefined =>
    upTo === undefined ? recall(documents, op, (op) => read(op)) : read(op, upTo)?.value
  const firstKind = (op: string): Kind | undefined => {
    const { index } = bodyOf(firstOf.get(op) ?? { body: '{}' })
    return index && kindOf(index)
  }
  const document = (id: string, upTo?: number): Document | undefined => asDocument(stored(id, upTo))
  const reader =
    <Each extends Kind>(kind: Each) =>
    (id: string, upTo?: number): DocumentOf<Each> | undefined =>
      ofKind(document(id, upTo), kind)
  return {
    /** Undefined for a resource without a kind. */
    document,
    /** Its kind only: the rest is not read. */
    kindOf: (op: string): Kind | undefined => documents.get(op)?.kind ?? firstKind(op),
    merchant: reader('merchant'),
    location: reader('location'),
    register: reader('register'),
    paymentTerminal: reader('payment_terminal'),
    closing: reader('closing'),
    drawerOpening: reader('drawer_opening'),
    exportJob: reader('export'),
    confirmedTask: reader('confirmation'),
    duty: reader('duty'),
    paperCheck: reader('paper_check'),
    /** By serial number. */
    unit: (serial: string): DocumentOf<'unit'> | undefined => ofKind(document(unitId(serial)), 'unit'),
    tse: (serial: string, upTo?: number): DocumentOf<'tse'> | undefined => ofKind(document(tseId(serial), upTo), 'tse'),
    operation: (id: string, upTo?: number): OperationDocument | undefined => {
      const operation = document(id, upTo)
      return operation !== undefined && isOperation(operation) ? operation : undefined
    },
  }
}

function merge(op: string, events: Iterable<StoredEvent>): Weighed<StoredDocument> | undefined {
  let parts: StoredParts | undefined
  let index: ResourceIndex | undefined
  let weight = 0
  for (const event of events) {
    const body = bodyOf(event)
    parts = partsAfter(parts ?? NO_PARTS, body)
    index ??= body.index
    weight = Math.max(weight, event.body.length)
  }
  return parts && { value: new StoredDocument(index && kindOf(index), op, parts), weight }
}
