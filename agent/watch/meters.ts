import { TransientMap } from '../../base/transient-map.ts'
import { isOperationKind } from '../journal/documents/kind.ts'
import { lawNameIn, partsOf } from '../journal/documents/parts.ts'
import type { EventKind } from '../journal/event-kinds.ts'
import type { EventBody, Members, NewEvent } from '../journal/events.ts'
import type { Family } from './exposition.ts'
import { Counter, Histogram } from './exposition.ts'

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const ACT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const SYNC_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1]
const GROUP_COMMANDS = [1, 2, 4, 8, 16, 32, 64]
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'OPTIONS', 'PUT', 'DELETE'])
/** Open operations whose kind is remembered until they end. */
const OPEN_MAX = 4096
/** Kinds that end a closing or an opening of the drawer, which an earlier event began. */
const OTHER_ENDS: ReadonlySet<string> = new Set<EventKind>(['drawer.recorded', 'closing.recorded'])
/** Commits kept to estimate the speed of the disk, and the number that an estimate needs. */
const SYNCS_KEPT = 512
const SYNCS_NEEDED = 50

/** `receipt`: its number and register. `error`: why no device signed it. */
type Sold = {
  type: string
  law: string
  hasEnded: boolean
  fiscal: string
  receipt?: EventBody['receipt']
  error?: Members[string]
  isMarked?: boolean
}

/** Counters of the running agent: a few additions for each request, act and commit, of which nothing else is kept. */
export class Meters {
  readonly #requests = new Histogram(['route', 'method', 'status'], REQUEST_SECONDS)
  readonly #acts = new Histogram(['device', 'act'], ACT_SECONDS)
  readonly #actFailures = new Counter(['device', 'act', 'code'])
  readonly #calls = new Counter(['authority', 'operation', 'result'])
  readonly #syncs = new Histogram([], SYNC_SECONDS)
  readonly #groups = new Histogram([], GROUP_COMMANDS)
  readonly #operations = new Counter(['type', 'state', 'law'])
  readonly #recordings = new Counter(['law', 'state'])
  readonly #open = new TransientMap<string, Sold>()
  readonly #recent = new Float64Array(SYNCS_KEPT)
  readonly #onUnsigned: (register: string, code: string) => void
  #syncCount = 0

  /** `onUnsigned`: called for each receipt that was completed and that no device signed. */
  constructor(onUnsigned: (register: string, code: string) => void = () => undefined) {
    this.#onUnsigned = onUnsigned
  }

  /** A request was answered; `route` is its template. */
  noteRequest(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe([route, METHODS.has(method) ? method : 'other', String(status)], seconds)
  }

  /** An act on a device ended, queue time included; `failure` is the code of a device error. */
  noteAct(device: string, act: string, seconds: number, failure: string | undefined): void {
    this.#acts.observe([device, act], seconds)
    if (failure !== undefined) this.#actFailures.add([device, act, failure])
  }

  /** A call to an authority ended. */
  noteCall(authority: string, operation: string, result: string): void {
    this.#calls.add([authority, operation, result])
  }

  /** A group of commands was committed; its fsync took `fsyncSeconds`. */
  noteCommit(fsyncSeconds: number, commands: number, events: readonly NewEvent[]): void {
    this.#syncs.observe([], fsyncSeconds)
    this.#groups.observe([], commands)
    this.#recent[this.#syncCount % SYNCS_KEPT] = fsyncSeconds
    this.#syncCount++
    for (const event of events) this.noteEvent(event)
  }

  /** The 99th percentile of the last commits; undefined until there are enough of them. */
  get fsyncSecondsP99(): number | undefined {
    if (this.#syncCount < SYNCS_NEEDED) return undefined
    const recentSyncs = this.#recent.slice(0, Math.min(this.#syncCount, SYNCS_KEPT)).sort()
    return recentSyncs[Math.ceil(recentSyncs.length * 0.99) - 1]
  }

  families(): readonly Family[] {
    return [
      this.#operations.family('fiskal_operations_total', 'Operations since the start that reached a state, by law.'),
      this.#recordings.family(
        'fiskal_recordings_total',
        'Documents that the law wants recorded, and whether they were.',
      ),
      this.#requests.family('fiskal_request_seconds', 'From the first byte of a request to the end of its answer.'),
      this.#acts.family('fiskal_device_act_seconds', 'Acts on fiscal devices, with their time in the queue.'),
      this.#actFailures.family('fiskal_device_act_failures_total', 'Acts that a device did not execute, by reason.'),
      this.#calls.family('fiskal_authority_requests_total', 'Requests to an authority, by operation and result.'),
      this.#syncs.family('fiskal_journal_commit_seconds', 'Commits of the journal with their sync to the disk.'),
      this.#groups.family('fiskal_journal_group_commands', 'Commands that shared one commit.'),
    ]
  }

  noteEvent({ kind, op, body }: { readonly kind: string; readonly op: string; readonly body: EventBody }): void {
    const { index, status, receipt } = body
    const isOther = index === undefined ? OTHER_ENDS.has(kind) : !isOperationKind(index.kind)
    if (isOther) return
    const parts = partsOf(body)
    const { shown } = parts
    if (index !== undefined) {
      const sold = { type: index.kind, law: lawNameIn(parts) ?? 'none', hasEnded: false, fiscal: '' }
      this.#operations.add([sold.type, status ?? 'open', sold.law])
      if (this.#open.size < OPEN_MAX) this.#open.set(op, sold)
    }
    const sold = this.#open.get(op) ?? { type: 'unknown', law: 'unknown', hasEnded: false, fiscal: '' }
    // Begun before the last start: its end is counted, but its kind is not looked up on the path of a sale.
    if (status !== undefined && index === undefined && !sold.hasEnded)
      this.#operations.add([sold.type, status, sold.law])
    sold.hasEnded ||= status !== undefined
    // An amendment may make its law record it.
    if (sold.law === 'none') sold.law = lawNameIn(parts) ?? sold.law
    const fiscal = shown['fiscal'] as Members | undefined
    const state = fiscal?.['state']
    if (typeof state === 'string') {
      sold.fiscal = state
      sold.error = fiscal?.['error']
    }
    // Austria records a receipt of an outage with its marker.
    const facts = shown['fiscal_information'] as Members | null | undefined
    sold.isMarked ||= facts?.['security_device_failed'] === true
    sold.receipt ??= receipt
    this.#noteEnd(op, sold)
  }

  /** Counts a document when it has ended and the outcome of the device is known; earlier states do not count. */
  #noteEnd(op: string, sold: Sold): void {
    if (!sold.hasEnded || sold.fiscal === 'pending') return
    if (sold.fiscal === 'succeeded' || sold.fiscal === 'failed') this.#recordings.add([sold.law, sold.fiscal])
    if ((sold.fiscal === 'failed' || sold.isMarked === true) && sold.receipt !== undefined)
      this.#onUnsigned(sold.receipt.register, sold.isMarked === true ? 'unavailable' : codeIn(sold.error))
    this.#open.delete(op)
  }
}

function codeIn(error: Members[string]): string {
  return String((error as Members | null | undefined)?.['code'])
}
