import type { DocumentOf } from '../agent/journal/documents/document.ts'
import { newDocument } from '../agent/journal/documents/document.ts'
import type { Kind } from '../agent/journal/documents/kind.ts'
import type { Parts } from '../agent/journal/events.ts'

/** A document for a test that reads only these members of it. */
export function documentOf<Each extends Kind>(kind: Each, { set = {}, own, law }: Parts): DocumentOf<Each> {
  return newDocument(kind, { set: set as never, ...(own && { own }), ...(law && { law }) })
}
