import { readJournal } from '../../agent/journal/reader.ts'
import type { PackedFiles } from './packed.ts'

/** A change that a till asked for under its key, and the answer that each repetition gets. */
export type Exchange = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly status: number
  readonly answer: string
}

/** A shop as its agent left it, with all that a later program needs to continue it. */
export type KeptShop = {
  /** Its law, or the test that made it. */
  readonly name: string
  /** agent.json, without its address. */
  readonly config: Readonly<Record<string, unknown>>
  /** The folder of agent.json; the state is in `state`. */
  readonly files: PackedFiles
  readonly platformKey: string
  readonly exchanges: readonly Exchange[]
  /** Time of its last event, in milliseconds: the clock of a trial begins one minute later. */
  readonly endedMs: number
}

/** Results of a program with a shop: a later program must have the same. */
export type Trial = {
  /** Findings of `journal verify` before the start, and after the last sale. */
  readonly findings: readonly string[]
  /** In the order of its exchanges. */
  readonly answers: readonly { readonly status: number; readonly answer: string; readonly isReplay: boolean }[]
  /** SHA-256 of each file, or the code of the refusal, by its type. */
  readonly exports: Readonly<Record<string, string>>
  /** Whether a register sold and was paid. */
  readonly sold: boolean
}

/** A shop of a release, with the results of the program of that release. */
export type ProvenShop = KeptShop & Omit<Trial, 'answers'>

/** True for a request whose repetition gets its answer from the journal. */
export function isClaimed(method: string, key: string | null | undefined, status: number): boolean {
  return key !== null && key !== undefined && method !== 'GET' && status >= 200 && status < 300
}

/** The time of the last event, in milliseconds. */
export function lastEventMs(state: string): number {
  const last = 'SELECT at FROM event ORDER BY seq DESC LIMIT 1'
  return readJournal(state, (db) => Date.parse(db.prepare<[], { at: string }>(last).get()?.at ?? ''))
}
