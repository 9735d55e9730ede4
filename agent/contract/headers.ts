import type { Json } from '../../base/canonical.ts'
import type { JsonObject } from './json-schema.ts'

/** Headers of answers that a caller may need. */
const HEADERS = {
  ETag: 'resource_version in quotes.',
  'Idempotent-Replayed': '`true` on an answer that was given to this key before.',
  'Preference-Applied': '`dry-run`: nothing was recorded.',
  'Retry-After': 'Seconds until the same request may be sent again.',
} as const

export type AnsweredHeader = keyof typeof HEADERS

/** `components.headers`. */
export function sharedHeaders(): JsonObject {
  const rows = Object.entries(HEADERS).map(([name, description]) => [name, { description, schema: { type: 'string' } }])
  return Object.fromEntries(rows)
}

/** The headers of an answer. */
export function headersOf(...names: readonly AnsweredHeader[]): { [name: string]: Json } {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}
