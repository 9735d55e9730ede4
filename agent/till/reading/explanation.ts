import type { Explanation } from '../../contract/explanation.ts'
import { FiskalError } from '../../errors.ts'
import { operationOf } from '../guards.ts'
import { lawOf } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { Access } from '../requests.ts'

/** The calculation of an operation's amounts. Throws `unprocessable_entity` if its law has no books. */
export function explanationOf({ laws, journal }: TillParts, access: Access, id: string): Explanation {
  const operation = operationOf(journal.view, access, id)
  const register = journal.view.register(operation.shown.register_id ?? '')
  const books = (lawOf(laws, operation) ?? (register && lawOf(laws, register)))?.closingBooks
  if (books !== undefined) return { ...books.explain(operation), issued_as: operation.shown.issued_as ?? null }
  const explained = laws.filter((law) => law.closingBooks !== undefined).map(({ facts: law }) => law.adjective)
  const message = `Only operations of a ${explained.join(' or ')} register can be explained.`
  throw new FiskalError('unprocessable_entity', message, { operation_id: id })
}
