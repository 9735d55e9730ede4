import type { Json } from '../../canonical.ts'
import type { Members } from '../../contract/json-schema.ts'

/** Reading a JSON tree whose shape is known only by its standard: what is missing reads as empty. */
export function members(value: Json | undefined): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {}
}

export function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
