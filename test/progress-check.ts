import type { EventBody } from '../agent/journal/events.ts'
import type { Progress } from '../agent/journal/progress.ts'
import { IDLE, progressAfter } from '../agent/journal/progress.ts'

type Seen = { readonly seq: number; readonly kind: string; readonly op: string; readonly body: string }

/** The state that the members of a document give, and its intents without an outcome. */
type Told = { undecided: unknown; awaiting: unknown; intents: readonly number[] }

const RESTING: Told = { undecided: null, awaiting: null, intents: [] }

/**
 * Every event of a journal follows from the ones before it, and the members `$undecided` and `$awaiting` say the same as
 * that. Returns what does not, in words.
 */
export function contradictions(events: Iterable<Seen>): string[] {
  const documents = new Map<string, { progress: Progress; told: Told }>()
  const found: string[] = []
  for (const { seq, kind, op, body: text } of events) {
    if (op === '') continue
    const body = JSON.parse(text) as EventBody
    const { progress, told } = documents.get(op) ?? { progress: IDLE, told: RESTING }
    try {
      documents.set(op, { progress: progressAfter(progress, seq, body), told: toldAfter(told, seq, body) })
    } catch (error) {
      found.push(`event ${seq} (${kind}) of ${op}: ${String(error)}`)
    }
  }
  for (const [op, { progress, told }] of documents) {
    // The member remains after its wait has ended.
    if (progress.at !== 'awaiting') told.awaiting = null
    const expected = flagsOf(progress)
    const said = JSON.stringify(told)
    if (said !== JSON.stringify(expected))
      found.push(`${op} is ${progress.at}: ${JSON.stringify(expected)}, and says ${said}`)
  }
  return found
}

function toldAfter(told: Told, seq: number, { set = {}, act, ref }: EventBody): Told {
  const { $undecided: undecided = told.undecided, $awaiting: awaiting = told.awaiting } = set
  const intents = [...told.intents.filter((intent) => intent !== ref), ...(act === undefined ? [] : [seq])]
  return { undecided, awaiting, intents }
}

function flagsOf(progress: Progress): Told {
  switch (progress.at) {
    case 'acting':
      return { undecided: null, awaiting: null, intents: [progress.intent] }
    case 'undecided':
      return {
        undecided: progress.request.root,
        awaiting: null,
        intents: progress.intent === undefined ? [] : [progress.intent],
      }
    case 'awaiting':
      return { undecided: progress.request.root, awaiting: progress.request.root, intents: [progress.intent] }
    default:
      return RESTING
  }
}
