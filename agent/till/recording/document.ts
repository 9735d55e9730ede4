import type { Json } from '../../../base/canonical.ts'
import { canonicalJson } from '../../../base/canonical.ts'
import type { Members } from '../../journal/events.ts'

/**
 * A document as it is answered: members beginning with `$` are the agent's own. Frozen: stored answers are made from
 * journalled documents by this rule for ever.
 */
export function publicDocument(document: Members): Members {
  const shown = withoutOwn(document)
  const pending = document['$pending']
  if (pending !== undefined && pending !== null) shown['pending_changes'] = withoutOwn(pending as Members)
  return shown
}

function withoutOwn(document: Members): Record<string, Json | undefined> {
  // Not copied one by one: V8 makes a slow dictionary of what grows by computed names.
  const shown: Record<string, Json | undefined> = { ...document }
  for (const name in shown) if (name.startsWith('$')) shown[name] = undefined
  return shown
}

/** The bytes of an answer and the headers that belong to the document. */
export function documentAnswer(
  document: Members,
  status: number,
): { status: number; headers: Record<string, string>; body: string } {
  const version = document['resource_version']
  const headers: Record<string, string> = typeof version === 'number' ? { ETag: `"${version}"` } : {}
  return { status, headers, body: canonicalJson(publicDocument(document)) }
}
