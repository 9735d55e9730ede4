import { Recent } from '../../../base/recent.ts'
import type { Document, StepEvent } from '../documents/document.ts'
import { kindOf, NO_PARTS, partsAfter, StoredDocument } from '../documents/document.ts'

export type ResourceRow = { id: string; type: string; merchant: string | null; register: string | null; seq: number }

/** Each request without a merchant asks whether there is but one. `seen`: those that were looked at, the oldest first. */
export type FirstMerchants = { readonly active: readonly string[]; readonly seen: readonly string[] }

/** Characters of the largest events of the documents that are kept: as objects they take several times as much. */
const DOCUMENTS_LENGTH = 2 << 20
/** More than the registers of a large shop, which are all looked at for each warning: of fewer places none would be found again. */
const KEPT_MAX = 2048

/**
 * Rows and documents in use: a sale asks several times for its shop, register and running operations. Clear it after a
 * rollback of events.
 */
export class Cache {
  readonly documents = new Recent<StoredDocument | Document>(KEPT_MAX, DOCUMENTS_LENGTH)
  readonly resources = new Recent<ResourceRow>(KEPT_MAX)
  merchants: FirstMerchants | undefined

  /** An event was appended; its body is of that length. */
  note({ op, body, after }: StepEvent, length: number): void {
    const { index, status } = body
    if (index?.kind === 'merchant' || this.merchants?.seen.includes(op) === true) this.merchants = undefined
    // An operation that has ended is seldom asked for again.
    if (status !== undefined) {
      this.documents.delete(op)
      return
    }
    const before = this.documents.get(op)
    if (before === undefined && index === undefined) return
    const weight = Math.max(this.documents.weightOf(op), length)
    const kind = index === undefined ? before?.kind : kindOf(index)
    const document = after ?? new StoredDocument(kind, op, partsAfter(before?.parts ?? NO_PARTS, body))
    this.documents.keep(op, document, weight)
  }

  clear(): void {
    this.documents.clear()
    this.resources.clear()
    this.merchants = undefined
  }
}
