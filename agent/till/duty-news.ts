import type { EventKind } from '../journal/event-kinds.ts'

type Subject = EventKind extends `${infer Of}.${string}` ? Of : never

/** Subjects of events that make no duty: those of tills that sell. */
const OF_TILLS: ReadonlySet<string> = new Set<Subject>(['operation', 'act', 'receipt', 'drawer', 'session'])
/** The work on duties that exist, and messages. */
const BACKGROUND: ReadonlySet<string> = new Set<Subject>(['duty', 'alert'])

/** Follows some thousand events of tills that sell. */
const STATE_RECORD: EventKind = 'journal.state_recorded'

/** True for an event of a till that sells, and for the state that is recorded after many of them: it changes no duty. */
export function isOfTill(kind: string): boolean {
  return OF_TILLS.has(subjectOf(kind)) || kind === STATE_RECORD
}

/** True for an event that may make a duty, or withdraw one. */
export function mayMakeDuty(kind: string): boolean {
  return !isOfTill(kind) && !BACKGROUND.has(subjectOf(kind))
}

function subjectOf(kind: string): string {
  return kind.slice(0, kind.indexOf('.'))
}
