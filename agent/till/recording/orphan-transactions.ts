import type { Tse } from '../../../drivers/ports/tse.ts'
import type { ForeignTransaction } from '../../devices/device.ts'
import type { JournalledStart } from '../../devices/journalled-start.ts'
import { journalledStart } from '../../devices/journalled-start.ts'
import { clientOfOpen } from '../../devices/open-client.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import type { FactsOf, OrphanTransaction } from '../../journal/event-facts.ts'
import type { Act, Marks } from '../../journal/events.ts'
import type { Journal } from '../../journal/journal.ts'
import { orphanTransaction } from '../../journal/transaction-facts.ts'
import type { LawRules, Outcome } from '../../laws/law.ts'
import type { DeviceClient } from './device-clients.ts'
import { clientsOf, formerClientsOf } from './device-clients.ts'
import type { UnresolvedOutcomes } from './unresolved-outcomes.ts'

export type OrphanOptions = { journal: Journal; laws: readonly LawRules[]; unresolved: UnresolvedOutcomes }

/** Aborts transactions that are open on a TSE although no document waits for them, so that none stays open. */
export class OrphanTransactions {
  readonly #options: OrphanOptions

  constructor(options: OrphanOptions) {
    this.#options = options
  }

  /** Ends what no document waits for, while the device may be used. */
  async abortAll(device: DeviceSupervisor): Promise<void> {
    for (const orphan of await this.#orphans(device)) {
      if (!device.usable) return
      await this.#abort(device, orphan)
    }
  }

  /**
   * Transactions open on the device without an open document or intent in the journal. Those of foreign clients are
   * left alone and reported: another system may be selling with the same unit. So are those whose start neither the
   * unit nor the journal has: a bon cannot be without it.
   */
  async #orphans(device: DeviceSupervisor): Promise<Orphan[]> {
    const tse = device.asTse?.unit
    const { laws } = this.#options
    const { view } = this.#options.journal
    const clients = new Map([...clientsOf(laws, view, device.id), ...formerClientsOf(laws, view, device.id)])
    if (tse === undefined || clients.size === 0) return []
    const startingBefore = this.#starting(device.id, clients)
    const open = await tse.openTransactions()
    const starting = new Set([...startingBefore, ...this.#starting(device.id, clients)])
    const journalled = new Map(view.deviceTransactions(device.id).map((row) => [row.number, row.op]))
    const unawaited = open.filter(
      (number) => !this.isAwaited(journalled.get(number)) && !this.#isBeingAborted(device.id, number),
    )
    const orphans: Orphan[] = []
    const foreign: ForeignTransaction[] = []
    for (const number of unawaited) {
      const op = journalled.get(number)
      const { client, start, isStartLost } = await this.#beginOf(device, tse, number, op)
      const own = clients.get(client)
      if (own === undefined || isStartLost) foreign.push({ number, client, ...(isStartLost && { isStartLost: true }) })
      // An unknown number may belong to a start whose outcome is not journalled yet.
      else if (op !== undefined || !starting.has(client))
        orphans.push(...orphansOf(own, { device, client, number, op, start }))
    }
    device.foreignTransactions = foreign
    return orphans
  }

  /** The client of an open transaction, and its start: the unit may have deleted that, then the journal alone has it. */
  async #beginOf(device: DeviceSupervisor, tse: Tse, number: number, op: string | undefined): Promise<Begin> {
    const start = op === undefined ? undefined : journalledStart(this.#options.journal, device.id, { number, op })
    if (start !== undefined) return { client: start.client, start, isStartLost: false }
    const foreign = device.foreignTransactions.find((transaction) => transaction.number === number)
    if (foreign !== undefined) return { client: foreign.client, isStartLost: foreign.isStartLost === true }
    const { client = '', hasStart } = await clientOfOpen(tse, number)
    return { client, isStartLost: op === undefined && !hasStart }
  }

  /** Clients with a start whose outcome is not known yet. */
  #starting(device: string, clients: ReadonlyMap<string, unknown>): string[] {
    return [...clients.keys()].filter((client) => this.#isStarting(device, client))
  }

  /** True if a document or an intent of the journal waits for the transaction of that operation. */
  isAwaited(op: string | undefined): boolean {
    const { view } = this.#options.journal
    // An adopted one is open without an operation.
    if (op === undefined || op === '') return false
    if (view.operationRow(op)?.status === 'open' || view.openIntentsOf(op).length > 0) return true
    return view.laterWork().some((later) => later.op === op)
  }

  /** An act of a later program may be a start too. */
  #isStarting(device: string, client: string): boolean {
    const { view } = this.#options.journal
    const own = new Set(view.openIntents().map(({ seq }) => seq))
    return view.everyIntent().some(({ seq, device: at }) => {
      const act = at === device ? view.bodyAt(seq).act : undefined
      return act?.['client'] === client && (act.name === 'start' || !own.has(seq))
    })
  }

  /** The outcome of its abort is not known yet: `reconcileAborts` asks, and no second one is intended. */
  #isBeingAborted(device: string, number: number): boolean {
    const { view } = this.#options.journal
    return view
      .openIntents()
      .some((row) => row.device === device && row.op === '' && view.bodyAt(row.seq).act?.['transaction'] === number)
  }

  /** Intent, act, outcome for an orphan transaction. Its start is reconciled first: no operation may have it. */
  async #abort(device: DeviceSupervisor, { law, act, op, register, start }: Orphan): Promise<void> {
    const startedMs = start?.atMs ?? (await startOf(device, act, op))
    const facts: OrphanTransaction = {
      ...{ law: law.facts.name, register_id: register, operation_id: op || null },
      ...(startedMs !== undefined && { started_ms: startedMs }),
    }
    const intent = await this.#options.journal.commit('outcome', (_view, seq) => ({
      events: [{ kind: 'transaction.abort_intended', op: '', body: { act, facts } }],
      result: seq,
    }))
    await this.#concludeAbort(intent, act, facts, await law.perform(act))
  }

  /** Reconciles aborts that a crash or an outage interrupted; those that did nothing are found as orphans again. */
  async reconcileAborts(device: string): Promise<void> {
    const { view } = this.#options.journal
    for (const row of view.openIntents()) {
      if (row.device !== device || row.op !== '') continue
      const body = view.bodyAt(row.seq)
      const { act } = body
      const facts = orphanTransaction(body)
      const law = this.#options.laws.find(({ facts: law }) => law.name === facts?.law)
      if (act !== undefined && facts !== undefined && law !== undefined) {
        await this.#concludeAbort(row.seq, act, facts, await law.askOutcome(act))
      }
    }
  }

  /** The end of an orphan transaction is a bon of the register (AVBelegabbruch) and takes a receipt number. */
  async #concludeAbort(intent: number, act: Act, facts: OrphanTransaction, outcome: Outcome): Promise<void> {
    if (outcome.kind === 'unknown') {
      this.#options.unresolved.note(intent, outcome)
      return
    }
    const { register_id: register } = facts
    await this.#options.journal.record((view) => {
      if (outcome.kind !== 'done') {
        const failed = { ...facts, ...(outcome.kind === 'failed' && outcome) }
        return [{ kind: 'transaction.abort_failed', op: '', body: { ref: intent, facts: failed } }]
      }
      const body: Marks & FactsOf<'transaction.aborted'> = {
        ref: intent,
        facts: { ...facts, ...outcome.result },
        receipt: { register, number: view.nextReceiptNumber(register) },
        transaction: { device: act.device, number: Number(act['transaction']), state: 'closed' },
      }
      return [{ kind: 'transaction.aborted', op: '', body }]
    })
  }
}

function orphansOf(
  { law, register }: DeviceClient,
  open: {
    device: DeviceSupervisor
    client: string
    number: number
    op: string | undefined
    start: JournalledStart | undefined
  },
): Orphan[] {
  const { op, start } = open
  const act = law.orphans?.abort(open.device.id, open.client, open.number)
  return act === undefined ? [] : [{ law, act, op, register, start }]
}

/** `start`: as the journal has it. `isStartLost`: neither the journal nor the unit has it. */
type Begin = { client: string; start?: JournalledStart; isStartLost: boolean }

/** `start`: as the journal has it. */
type Orphan = {
  law: LawRules
  act: Act
  op: string | undefined
  register: string
  start: JournalledStart | undefined
}

/** Milliseconds since 1970. If its operation has the start, too, the device need not return it. Throws DeviceError. */
async function startOf(device: DeviceSupervisor, act: Act, op: string | undefined): Promise<number | undefined> {
  try {
    return (await device.asTse?.unit.recall(Number(act['transaction']), String(act['client'])))?.start?.logTimeMs
  } catch (error) {
    if (op === undefined) throw error
    return undefined
  }
}
