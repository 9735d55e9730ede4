import { asError } from '../../base/thrown.ts'
import type { FiskalError } from '../errors.ts'
import type { Appender } from './appender.ts'
import type { Outcome, Priority } from './commands.ts'
import type { StepEvent } from './documents/document.ts'
import { tooLargeEvent } from './event-limit.ts'
import type { View } from './projections/view.ts'

/**
 * The events that a commit appends. `appended` runs inside the group: a commit that it requests can share the fsync.
 */
export type Decision<T> = { events: readonly StepEvent[]; result: T; appended?: (() => void) | undefined }
/** Decides, inside the transaction and with its view, what to append; throws to append nothing. Synchronous. */
export type Decide<T> = (view: View, nextSeq: number) => Decision<T>

export type DeciderOptions = {
  appender: Appender
  view: View
  /** Why no new work may be taken now. */
  refusal: () => FiskalError | undefined
  /** Why the group cannot be written: one of its reads failed. */
  unwritable: () => Error | undefined
}

/** Runs decisions inside the group that is written. */
export class Decider {
  readonly #options: DeciderOptions
  /** The group that is being written. */
  #closed: { refusal: FiskalError | undefined } | undefined

  constructor(options: DeciderOptions) {
    this.#options = options
  }

  /** A group begins. */
  begin(): void {
    this.#options.appender.begin()
    this.#closed = undefined
  }

  /** Decides and appends. Its errors are fatal. */
  run<T>(priority: Priority, decide: Decide<T>): Outcome<T> {
    const closed = priority === 'intent' ? this.#refusalOfGroup() : undefined
    if (closed !== undefined) return { refusal: closed }
    const { appender, view, unwritable } = this.#options
    let decision: Decision<T>
    let texts: readonly string[]
    try {
      decision = decide(view, appender.head.seq + 1)
      // Serialised before anything is inserted: a value that JSON cannot hold refuses one request, not the journal.
      texts = appender.textsOf(decision.events)
    } catch (error) {
      const cause = unwritable()
      if (cause !== undefined) throw cause
      return { refusal: asError(error) }
    }
    const conflict = tooLargeEvent(priority, decision.events, texts) ?? appender.append(decision.events, texts)
    if (conflict !== undefined) return { refusal: conflict }
    decision.appended?.()
    return { result: decision.result }
  }

  /** Asked once for each group: the commands of one event-loop turn have the same disk. */
  #refusalOfGroup(): FiskalError | undefined {
    this.#closed ??= { refusal: this.#options.refusal() }
    return this.#closed.refusal
  }
}
