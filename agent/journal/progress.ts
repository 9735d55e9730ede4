import type { Act, EventBody, Plan } from './events.ts'
import { ProjectionConflict } from './projections/conflict.ts'

/** A request for a document: its first event, its plan, and whether that event made the document. */
export type Request = { readonly root: number; readonly plan: Plan; readonly makesDocument: boolean }

/**
 * How far a document is in its workflow: intent, act, outcome. `undecided`: the till was answered before the device
 * reported the outcome. `awaiting`: the end was requested while the outcome of the start is unknown.
 */
export type Progress =
  | { readonly at: 'idle' }
  | { readonly at: 'acting'; readonly request: Request; readonly intent: number; readonly act: Act }
  | { readonly at: 'undecided'; readonly request: Request; readonly intent?: number; readonly act?: Act }
  | {
      readonly at: 'awaiting'
      readonly start: Request
      readonly intent: number
      readonly act: Act
      readonly request: Request
    }
  | { readonly at: 'ended'; readonly as: 'completed' | 'voided' | 'refused' | 'decommissioned' }

/** The marks that advance a document; no other member of an event does. */
type Marks = Pick<EventBody, 'plan' | 'act' | 'ref' | 'root' | 'answer' | 'release' | 'index'>

export const IDLE: Progress = { at: 'idle' }

/**
 * The progress of a document after the event `seq`; throws ProjectionConflict for a step that cannot follow. Reads
 * marks, never kinds.
 */
export function progressAfter(progress: Progress, seq: number, marks: Marks): Progress {
  if (!isStep(marks)) return progress
  const { plan, act, ref, root, release } = marks
  const next = stepFrom(progress, seq, marks)
  if (next !== undefined) return next
  const named = Object.entries({ plan, act, ref, root, answer: marks.answer, release })
  const marked = named.flatMap(([name, mark]) => (mark === undefined ? [] : [name])).join(', ')
  throw new ProjectionConflict(`an event with ${marked} cannot follow where the document is ${progress.at}`)
}

/** The request that was answered before the device reported the outcome; undefined if there is no such request. */
export function answeredEarly(progress: Progress): Request | undefined {
  return progress.at === 'undecided' || progress.at === 'awaiting' ? progress.request : undefined
}

/** True for a document whose request the device refused: it is not shown. */
export function isRefused(progress: Progress): boolean {
  return progress.at === 'ended' && progress.as === 'refused'
}

/** True for the event that answers a request before its device reported the outcome. */
export function isEarlyAnswer({ plan, act, ref, root, answer, release }: Marks): boolean {
  return (plan ?? root) !== undefined && [act, ref, answer, release].every((mark) => mark === undefined)
}

/** False for an event that does not advance its document. */
export function isStep({ plan, act, ref, root, release }: Marks): boolean {
  return [plan, act, ref, root, release].some((mark) => mark !== undefined)
}

function stepFrom(progress: Progress, seq: number, marks: Marks): Progress | undefined {
  switch (progress.at) {
    case 'idle':
      return firstStep(seq, marks)
    case 'acting':
      return afterAct(progress, seq, marks)
    case 'undecided':
      return afterAnswer(progress, seq, marks)
    case 'awaiting':
      return afterStart(progress, seq, marks)
    case 'ended':
      // A reversal that was refused when a part of it was printed is ended by a person.
      return progress.as === 'refused' ? firstStep(seq, marks) : undefined
    default:
      return progress satisfies never
  }
}

/** A request is decided at once, or intends its first act. */
function firstStep(seq: number, { plan, act, ref, root, answer, release, index }: Marks): Progress | undefined {
  if (plan === undefined || ref !== undefined || root !== undefined || release !== undefined) return undefined
  if (act !== undefined)
    return { at: 'acting', request: { root: seq, plan, makesDocument: index !== undefined }, intent: seq, act }
  return answer === undefined ? undefined : reached(plan)
}

function afterAct(progress: Extract<Progress, { at: 'acting' }>, seq: number, marks: Marks): Progress | undefined {
  const { request, intent, act } = progress
  const { plan, ref, root, answer, release } = marks
  if (plan !== undefined) {
    const isEnd = request.plan.goal === 'open' && marks.act === undefined && answer === undefined && ref === undefined
    return isEnd
      ? { at: 'awaiting', start: request, intent, act, request: { root: seq, plan, makesDocument: false } }
      : undefined
  }
  if (root !== request.root) return undefined
  if (ref === undefined) {
    const isAnswered = marks.act === undefined && answer === undefined && release === undefined
    return isAnswered ? { at: 'undecided', request, intent, act } : undefined
  }
  if (ref !== intent) return undefined
  if (release !== undefined) return refused(request, release)
  return continued(request, seq, marks)
}

function afterAnswer(
  progress: Extract<Progress, { at: 'undecided' }>,
  seq: number,
  marks: Marks,
): Progress | undefined {
  const { request, intent, act } = progress
  if (marks.plan !== undefined || marks.root !== request.root || marks.ref !== intent) return undefined
  if (marks.release !== undefined) return refused(request, marks.release)
  // It stays undecided for the answered till, whatever follows.
  if (marks.act !== undefined) return { at: 'undecided', request, intent: seq, act: marks.act }
  return act === undefined && marks.ref !== undefined ? undefined : continued(request, seq, marks)
}

function afterStart(progress: Extract<Progress, { at: 'awaiting' }>, seq: number, marks: Marks): Progress | undefined {
  const { start, intent, request } = progress
  if (marks.plan !== undefined || marks.root !== start.root || marks.ref !== intent) return undefined
  if (marks.act !== undefined) return { ...progress, intent: seq, act: marks.act }
  return marks.answer?.to === start.root ? { at: 'undecided', request } : undefined
}

function continued(request: Request, seq: number, { act, answer }: Marks): Progress | undefined {
  if (act !== undefined) return { at: 'acting', request, intent: seq, act }
  return answer?.to === request.root ? reached(request.plan) : undefined
}

function refused({ root, makesDocument }: Request, release: number): Progress | undefined {
  if (release !== root) return undefined
  return makesDocument ? { at: 'ended', as: 'refused' } : IDLE
}

function reached({ goal }: Plan): Progress {
  switch (goal) {
    case 'open':
    case 'fiscalized':
      return IDLE
    case 'completed':
    case 'voided':
    case 'decommissioned':
      return { at: 'ended', as: goal }
    default:
      return goal satisfies never
  }
}
