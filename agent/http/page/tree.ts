import type { Json } from '../../../base/canonical.ts'
import type { JsonObject } from '../../contract/json-schema.ts'
import { escapeHtml } from '../../receipts/xml.ts'

/** For a JSON tree whose shape only its standard defines: a missing member is empty. */
export function members(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

export function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

/** Markdown of one paragraph as HTML: strong words and code. */
export function words(markdown: string): string {
  return escapeHtml(markdown)
    .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
