import { FiskalError } from '../../errors.ts'
import type { Members } from '../../journal/events.ts'
import { operationOf } from '../guards.ts'
import { lawOf } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { Access } from '../requests.ts'

/** How the amounts of an operation came about. Throws `unprocessable_entity` where its law has no books that could tell. */
export function explanationOf({ laws, journal }: TillParts, access: Access, id: string): Members {
  const operation = operationOf(journal.view, access, id)
  const register = journal.view.register(operation.shown.register_id ?? '')
  const books = (lawOf(laws, operation) ?? (register && lawOf(laws, register)))?.books
  if (books !== undefined) return books.explain(operation)
  throw new FiskalError('unprocessable_entity', 'What a German register sold is explained, nothing else.', {
    operation_id: id,
  })
}
