import { canonicalJson } from '../../../base/canonical.ts'
import type { Document } from '../../journal/documents/document.ts'
import type { PendingChange } from '../../journal/documents/own.ts'
import type { Members } from '../../journal/events.ts'
import type { Answer } from '../requests.ts'

/** A document as an answer. This rule must never change: stored answers are rebuilt from journalled documents. */
export function publicDocument(document: Document): Members {
  const pending = pendingOf(document)
  return pending === undefined ? document.parts.shown : { ...document.parts.shown, pending_changes: pending.shown }
}

function pendingOf(document: Document): PendingChange | undefined {
  const { kind } = document
  return kind === 'merchant' || kind === 'location' || kind === 'register' ? document.own.pending : undefined
}

/** The bytes of an answer and the headers that belong to the document. */
export function documentAnswer(document: Document, status: number): Omit<Answer, 'replayed'> {
  const version = document.parts.shown['resource_version']
  const headers: Record<string, string> = typeof version === 'number' ? { ETag: `"${version}"` } : {}
  return { status, headers, body: canonicalJson(publicDocument(document)), subject: document.id }
}
