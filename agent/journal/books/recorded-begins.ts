import type { StoredParts } from '../documents/document.ts'
import { isOperationKind } from '../documents/kind.ts'
import { lawNameIn, partsOf, partsWith } from '../documents/parts.ts'
import type { EventBody } from '../events.ts'

/** An operation with its members so far, and its register. */
type Begun = { readonly register: string; readonly parts: StoredParts }

/**
 * The operations of one law: most are recorded from their first event on, some only since an amendment. Memory: those
 * that no law records, while they are open.
 */
export class RecordedBegins {
  readonly #law: string
  readonly #unrecorded = new Map<string, Begun>()

  constructor(law: string) {
    this.#law = law
  }

  /** The operation that the law records from this event on; undefined for every other event. */
  take(op: string, body: EventBody): Begun | undefined {
    const { index } = body
    if (index !== undefined && !isOperationKind(index.kind)) return undefined
    const before =
      index === undefined ? this.#unrecorded.get(op) : { register: index.register ?? '–', parts: undefined }
    if (before === undefined) return undefined
    const parts = before.parts === undefined ? partsOf(body) : partsWith(before.parts, body)
    const begun = { register: before.register, parts }
    const law = lawNameIn(parts)
    const { status } = parts.shown
    if (law === undefined && status === 'open') this.#unrecorded.set(op, begun)
    else this.#unrecorded.delete(op)
    return law === this.#law ? begun : undefined
  }
}
