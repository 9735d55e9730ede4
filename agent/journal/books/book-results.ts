import type { Json } from '../../../base/canonical.ts'
import type { Books } from './books.ts'
import type { BookFinding } from './findings.ts'
import type { OpenItems } from './open-items.ts'
import { openItemsByKind } from './open-items.ts'
import type { Restore } from './restores.ts'

/** The results of the books of a journal, which can leave the process. */
export type BookResults = {
  readonly codes: readonly BookFinding[]
  /** Anything that is not settled after the last event. */
  readonly open: readonly OpenItems[]
  /** The extent of the laws' comparisons. */
  readonly coverage: Readonly<Record<string, Json>>
  readonly restores: readonly Restore[]
}

/** The results up to an event. `hash`: that of the event, base64url; of a file, whose chain was verified. */
export type CheckedBooks = BookResults & { readonly seq: number; readonly hash: string }

export function resultsOf(books: Books): BookResults {
  return {
    codes: books.findings.all(),
    open: openItemsByKind(books.openItems()),
    coverage: books.coverage(),
    restores: books.restores.all(),
  }
}
