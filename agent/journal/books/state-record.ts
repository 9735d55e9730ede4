import { setImmediate as nextLoop } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { ZERO_HASH } from '../chain.ts'
import type { Chains } from '../chains.ts'
import { chainAt, hashIn, readChains } from '../chains.ts'
import { JournalDamagedError } from '../damage.ts'
import { eventRange, headSeq, storedHashes, whole } from '../event-table.ts'
import type { EventBody, NewEvent, StoredEvent } from '../events.ts'
import { bodyOf, factsOf } from '../events.ts'
import { portionOf } from '../portion.ts'
import { BookState, digestOf } from './book-state.ts'

const KIND = 'journal.state_recorded'
const PORTION = 500

/** Events without a state record after which one is made: a start then folds events for some 40 ms. */
export const RECORD_EVERY = 4096

/** `recorded`: the event of the newest state record; 0 without one. `why`: the reason why the row in the database was not used. */
export type StateAtHead = { readonly state: BookState; readonly recorded: number; readonly why: string | undefined }

/** The event that confirms a state, which is the state after the event before it. */
export function stateRecord(json: string): NewEvent {
  return { kind: KIND, op: '', body: { facts: { v: 1, sha256: digestOf(json) } } }
}

export function isStateRecord({ kind }: Pick<StoredEvent, 'kind'>): boolean {
  return kind === KIND
}

/** The digest in a state record; undefined if it has no digest. */
export function recordedDigest(event: {
  readonly kind: string
  readonly body: string | EventBody
}): string | undefined {
  return factsOf(event, KIND)?.sha256
}

/** Stores the state after event `seq`, for the next start. */
export function stateWriter(db: Database): (seq: number, json: string) => void {
  const replace = db.prepare<[number, string]>('INSERT OR REPLACE INTO book_state VALUES (1, ?, ?)')
  return (seq, json) => {
    replace.run(seq, json)
  }
}

/** Stores the state of the newest state record while all events are read anyway. */
export class StateRecorder {
  readonly #write
  readonly #state = new BookState()
  #newest: { seq: number; json: string } | undefined

  constructor(db: Database) {
    this.#write = stateWriter(db)
  }

  note(event: StoredEvent, body: EventBody): void {
    if (isStateRecord(event)) this.#newest = { seq: event.seq - 1, json: this.#state.toJson() }
    this.#state.note(event.seq, event.at, event.op, body)
  }

  store(): void {
    if (this.#newest !== undefined) this.#write(this.#newest.seq, this.#newest.json)
  }
}

/**
 * The state at the head: from the stored one and the events after it if the state record confirms it; otherwise from
 * the first event on. Yields after each portion of events. With `chains` each hash is computed again on the way. Throws
 * JournalDamagedError.
 */
function* findState(db: Database, chains?: Chains): Generator<void, StateAtHead> {
  const stored = storedState(db)
  if (typeof stored !== 'string') {
    const { seq, state } = stored
    return { ...(yield* foldFrom(db, seq, state, chains)), why: undefined }
  }
  const fromFirstEvent = yield* foldFrom(db, 0, new BookState(), chains)
  // A young journal has no state record, and a restored one no row.
  return { ...fromFirstEvent, why: fromFirstEvent.recorded === 0 ? undefined : stored }
}

/** The same without yielding, for readers. */
export function stateNow(db: Database): BookState {
  const steps = findState(db)
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value.state
}

/** All chains of a journal that has events. */
function chainsFor(db: Database): Chains | undefined {
  return headSeq(db) === 0 ? undefined : readChains(db)
}

/** The stored state, or why it cannot be used. */
function storedState(db: Database): { seq: number; state: BookState } | string {
  const row = db.prepare<[], { seq: number; json: string }>('SELECT seq, json FROM book_state').get()
  if (row === undefined) return 'no row'
  const event = db.prepare<[number], StoredEvent>('SELECT * FROM event WHERE seq = ?').get(row.seq + 1)
  if (event === undefined || !isStateRecord(event)) return 'no record after it'
  try {
    if (recordedDigest(event) !== digestOf(row.json)) return 'another digest'
    return { seq: row.seq, state: BookState.from(row.json) }
  } catch {
    return 'unreadable'
  }
}

function* foldFrom(
  db: Database,
  after: number,
  state: BookState,
  chains: Chains | undefined,
): Generator<void, { state: BookState; recorded: number }> {
  const range = eventRange(db)
  const end = headSeq(db)
  let previous: Uint8Array = storedHashes(db)(after) ?? ZERO_HASH
  let recorded = 0
  for (let seq = after; seq < end; ) {
    const events = portionOf(whole(range.iterate(seq, end, PORTION), seq))
    if (events.length === 0) throw new JournalDamagedError(seq + 1, 'the event is missing')
    for (const event of events) {
      demandNext(event, seq, previous, chains)
      if (isStateRecord(event)) recorded = event.seq
      state.note(event.seq, event.at, event.op, bodyOf(event))
      previous = event.hash
      seq = event.seq
    }
    if (seq < end) yield
  }
  return { state, recorded }
}

function demandNext(event: StoredEvent, after: number, previous: Uint8Array, chains: Chains | undefined): void {
  if (event.seq !== after + 1) throw new JournalDamagedError(after + 1, 'the event is missing')
  if (chains !== undefined && !hashIn(chainAt(chains, event.seq), previous, event).equals(event.hash))
    throw new JournalDamagedError(event.seq, 'its hash is wrong')
}

/** {@link findState}, yielding to the event loop: without a usable state record it takes 9 µs an event. */
export async function findStateInSlices(db: Database, onReading: (() => void) | undefined): Promise<StateAtHead> {
  const steps = findState(db, chainsFor(db))
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value
    onReading?.()
    await nextLoop()
  }
}
