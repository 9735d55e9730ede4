import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import { monoMs, parseRfc3339 } from '../../base/clock.ts'
import { confirmationOf } from '../journal/confirmed-tasks.ts'
import type { EventKind } from '../journal/event-kinds.ts'
import type { StoredEvent } from '../journal/events.ts'
import type { Journal } from '../journal/journal.ts'
import type { View } from '../journal/projections/view.ts'
import { dutyId } from '../till/duty-records.ts'
import type { ListedDuty } from '../till/reading/listed-duties.ts'

/** A duty as it is listed; `seq` and `atMs` of its newest event. */
type DutyChange = { readonly id: string; readonly seq: number; readonly atMs: number; readonly duty: object }

type Parts = {
  readonly journal: Pick<Journal, 'view' | 'onAppend'>
  readonly clock: Clock
  readonly list: { readonly read: () => Promise<readonly ListedDuty[]> }
  readonly notify: (change: DutyChange) => void
  readonly onError: (error: unknown) => void
}

/** Events within that time share one reading of the list. */
const GATHER_MS = 500
/** The list may be long: reading it takes at most a twentieth of the time. */
const REST = 20
const RETRY_MS = 60_000
/** Duties that are looked at before other work gets its turn. */
const PORTION = 100
const [DUTY, TASK] = [dutyId(''), confirmationOf('')]
const KINDS: ReadonlySet<string> = new Set<EventKind>(['duty.sent', 'duty.answered', 'duty.changed', 'duty.confirmed'])

/** Notifies of each duty whose events say that it changed, as it is listed then. */
export class DutyNotifier {
  readonly #parts: Parts
  #changed = new Set<string>()
  #unsubscribe: () => void = () => undefined
  #cancel: (() => void) | undefined
  #isReading = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Notifies again of those that changed after `sinceMs`: a message may not have left before the start. */
  async open(sinceMs: number): Promise<void> {
    const { journal } = this.#parts
    this.#unsubscribe = journal.onAppend((_seq, events) => {
      const changed = events.filter(({ kind }) => KINDS.has(kind))
      for (const { op } of changed) this.#changed.add(op)
      if (changed.length > 0) this.#schedule(GATHER_MS)
    })
    const ops = [DUTY, TASK].flatMap((prefix) => journal.view.firstOf(prefix))
    for (const [index, { op }] of ops.entries()) {
      const at = newsOf(journal.view, op)?.at ?? ''
      if ((parseRfc3339(at) ?? 0) >= sinceMs) this.#changed.add(op)
      if (index % PORTION === PORTION - 1) await setImmediate()
    }
    if (this.#changed.size > 0) this.#schedule(GATHER_MS)
  }

  close(): void {
    this.#unsubscribe()
    this.#cancel?.()
    this.#changed.clear()
  }

  #schedule(ms: number): void {
    if (this.#isReading) return
    this.#cancel ??= this.#parts.clock.after(ms, () => void this.#read())
  }

  async #read(): Promise<void> {
    const { journal, clock, list, notify, onError } = this.#parts
    const ops = this.#changed
    this.#changed = new Set()
    this.#cancel = undefined
    this.#isReading = true
    const beginMs = monoMs(clock)
    let pauseMs = RETRY_MS
    try {
      const duties = new Map((await list.read()).map((duty) => [duty.id, duty]))
      for (const op of ops) {
        // It changed after the list was read: its newer event goes out with the next one.
        if (this.#changed.has(op)) continue
        const change = changeIn(journal.view, op, duties)
        if (change !== undefined) notify(change)
      }
      pauseMs = Math.max(GATHER_MS, (monoMs(clock) - beginMs) * REST)
    } catch (error) {
      onError(error)
      for (const op of ops) this.#changed.add(op)
    }
    this.#isReading = false
    if (this.#changed.size > 0) this.#schedule(pauseMs)
  }
}

function changeIn(view: View, op: string, duties: ReadonlyMap<string, ListedDuty>): DutyChange | undefined {
  const event = newsOf(view, op)
  const duty = duties.get(op.slice(op.startsWith(DUTY) ? DUTY.length : TASK.length))
  if (event === undefined || duty === undefined) return undefined
  const { instructions: _manual, ...shown } = duty
  return { id: duty.id, seq: event.seq, atMs: parseRfc3339(event.at) ?? 0, duty: shown }
}

/** The newest event of a duty, or the confirmation by a person: that of the authority is in an event of the duty. */
function newsOf(view: View, op: string): StoredEvent | undefined {
  if (op.startsWith(DUTY)) return view.newestOf(op, 1)[0]
  return view.confirmedTask(op)?.shown.by === undefined ? view.eventsOf(op)[0] : undefined
}
