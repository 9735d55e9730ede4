import type { EventBody } from '../agent/journal/events.ts'
import type { Progress } from '../agent/journal/progress.ts'
import { IDLE, progressAfter } from '../agent/journal/progress.ts'

type Seen = { readonly seq: number; readonly kind: string; readonly op: string; readonly body: string }

/** The request that was answered before its device told, and the intents without an outcome, counted apart from the fold. */
type Told = { early: number | null; intents: readonly number[] }

const RESTING: Told = { early: null, intents: [] }

/**
 * Every event of a journal follows from the ones before it, and what its requests wait for is the same when it is counted
 * in another way. Returns what is not, in words.
 */
export function contradictions(events: Iterable<Seen>): string[] {
  const documents = new Map<string, { progress: Progress; told: Told }>()
  const violations: string[] = []
  for (const { seq, kind, op, body: text } of events) {
    if (op === '') continue
    const body = JSON.parse(text) as EventBody
    const { progress, told } = documents.get(op) ?? { progress: IDLE, told: RESTING }
    try {
      documents.set(op, { progress: progressAfter(progress, seq, body), told: toldAfter(told, seq, body) })
    } catch (error) {
      violations.push(`event ${seq} (${kind}) of ${op}: ${String(error)}`)
    }
  }
  for (const [op, { progress, told }] of documents) {
    const expected = waitsOf(progress)
    const said = JSON.stringify(told)
    if (said !== JSON.stringify(expected))
      violations.push(`${op} is ${progress.at}: ${JSON.stringify(expected)}, and says ${said}`)
  }
  return violations
}

function toldAfter({ early, intents }: Told, seq: number, { plan, root, act, ref, answer, release }: EventBody): Told {
  const request = plan === undefined ? root : seq
  const isEarly = request !== undefined && [act, ref, answer, release].every((mark) => mark === undefined)
  const isOver = early !== null && (answer?.to === early || release === early)
  return {
    early: isEarly ? request : isOver ? null : early,
    intents: [...intents.filter((intent) => intent !== ref), ...(act === undefined ? [] : [seq])],
  }
}

function waitsOf(progress: Progress): Told {
  switch (progress.at) {
    case 'acting':
      return { early: null, intents: [progress.intent] }
    case 'undecided':
      return { early: progress.request.root, intents: progress.intent === undefined ? [] : [progress.intent] }
    case 'awaiting':
      return { early: progress.request.root, intents: [progress.intent] }
    default:
      return RESTING
  }
}
