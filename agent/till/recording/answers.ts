import { canonicalJson } from '../../../base/canonical.ts'
import type { Document } from '../../journal/documents/document.ts'
import type { EventBody, Members } from '../../journal/events.ts'
import { bodyOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { tooOldFor } from '../../journal/too-old.ts'
import type { Answer, Idempotency } from '../requests.ts'
import { isPrintOf } from '../requests.ts'
import { keyConflict } from './key-conflict.ts'

/** A document as an answer. This rule must never change: stored answers are rebuilt from journalled documents. */
export function publicDocument(document: Document): Members {
  const { kind, parts } = document
  const isMasterData = kind === 'merchant' || kind === 'location' || kind === 'register'
  const pending = isMasterData ? document.own.pending : undefined
  return pending === undefined ? parts.shown : { ...parts.shown, pending_changes: pending.shown }
}

/** The bytes of an answer and the headers that belong to the document. */
export function documentAnswer(document: Document, status: number): Omit<Answer, 'replayed'> {
  const version = document.parts.shown['resource_version']
  const headers: Record<string, string> = typeof version === 'number' ? { ETag: `"${version}"` } : {}
  return { status, headers, body: canonicalJson(publicDocument(document)), subject: document.id }
}

/** Thrown inside a commit if another request has claimed the key since it was looked up: this one gets its answer. */
export class AlreadyClaimed extends Error {
  override readonly name = 'AlreadyClaimed'
}

/** The claim of a request for the event that begins it; throws AlreadyClaimed for a key that is already used. */
export function claimFor(
  view: View,
  idempotency: Idempotency | undefined,
): { claim?: NonNullable<EventBody['claim']> } {
  if (idempotency === undefined) return {}
  const { id, print } = idempotency
  if (view.claim(id) !== undefined) throw new AlreadyClaimed('the idempotency key is in use')
  return { claim: { id, print } }
}

export type KeyState = { state: 'free' } | { state: 'answered'; answer: Answer } | { state: 'running'; root: number }

/** The state of a key. Throws `idempotency_key_conflict` if it was used for another request. */
export function keyState(view: View, idempotency: Idempotency): KeyState {
  const row = view.claim(idempotency.id)
  if (row === undefined) return { state: 'free' }
  const answered = row.running ? undefined : answerOf(view, row.seq)
  refuseLaterKey(view, row.seq, answered)
  const isSame = isPrintOf(row.print, idempotency.sent)
  if (isSame === undefined) throw tooOldFor(view.laterPrint(), answered === undefined ? 'unknown' : 'recorded')
  if (!isSame) throw keyConflict(view, idempotency, row)
  if (answered === undefined) return { state: 'running', root: row.seq }
  return { state: 'answered', answer: { ...answerAt(view, answered), replayed: true } }
}

/**
 * The key of a request that only a later program knows. An answer is repeated if this program knows the kind of its
 * document: its bytes are stored members.
 */
function refuseLaterKey(view: View, root: number, answered: number | undefined): void {
  const op = view.event(root)?.op ?? ''
  const later = view.laterOf(op)
  if (later === undefined || (answered !== undefined && view.kindOf(op) !== undefined)) return
  throw tooOldFor(later, answered === undefined ? 'unknown' : 'recorded')
}

/** The event that gave a root its final answer, which never changes; undefined after an early answer (`answerEarly`). */
export function answerOf(view: View, root: number): number | undefined {
  const op = view.event(root)?.op
  if (op === undefined) return undefined
  for (let after = root - 1; ; ) {
    const events = view.nextPortionOf(op, after)
    const answering = events.find((event) => {
      const { answer } = bodyOf(event)
      return answer !== undefined && (answer.to ?? event.seq) === root
    })
    const last = events.at(-1)
    if (answering !== undefined || last === undefined) return answering?.seq
    after = last.seq
  }
}

/** The answer that an event gave, rebuilt from the journal: the same bytes every time. */
export function answerAt(view: View, seq: number): Answer {
  const event = view.event(seq)
  const document = event && view.document(event.op, seq)
  const answer = event && bodyOf(event).answer
  if (document === undefined || answer === undefined) throw new Error(`event ${seq} holds no answer`)
  return { ...documentAnswer(document, answer.status), replayed: false }
}
