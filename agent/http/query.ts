import type { ParsedUrlQuery } from 'node:querystring'
import { parse } from 'node:querystring'

/** The members of a query. An empty value counts as left out: forms and importers send each name that they know. */
export function queryOf(text: string | null): ParsedUrlQuery {
  const query = parse(text ?? '')
  for (const [name, value = ''] of Object.entries(query)) {
    const values = [value].flat().filter((one) => one !== '')
    const [only] = values
    if (only === undefined) delete query[name]
    else query[name] = values.length === 1 ? only : values
  }
  return query
}
