import type { Clock } from '../../../base/clock.ts'
import { rfc3339, within } from '../../../base/clock.ts'
import type { TseSignature } from '../../../drivers/ports/tse.ts'
import type { Register } from '../../contract/register.ts'
import type { DeviceChange, ForeignTransaction } from '../../devices/device.ts'
import { enrolUnit, isRetiredTse, tseRecord } from '../../devices/enrolment.ts'
import { useOf } from '../../devices/past-use.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { isUncertifiedUnit, refusalOfNumber } from '../../devices/uncertified.ts'
import { allRegisters, isFiscalized } from '../../journal/documents.ts'
import type { Facts, FactsOf, OrphanTransaction } from '../../journal/event-facts.ts'
import type { Act, Marks } from '../../journal/events.ts'
import type { Journal } from '../../journal/journal.ts'
import type { View } from '../../journal/projections/view.ts'
import { orphanTransaction } from '../../journal/transaction-facts.ts'
import type { LawRules, Outcome } from '../../laws/law.ts'
import { lawOfKind, lawOfRegister } from '../laws.ts'
import type { DueReceipts } from './due-receipts.ts'
import { Mutexes } from './mutexes.ts'
import { ReconcileRetries } from './reconcile-retries.ts'
import type { Recorder } from './recorder.ts'
import type { UnresolvedOutcomes } from './unresolved-outcomes.ts'

/** Selling begins at the latest after this time, with the law's outage rule for devices that have not answered. */
const OUTAGE_WAIT_MS = 5_000
/** For a fiscal memory, which selling needs: until then tills get the answer that it is being asked. */
const MEMORY_WAIT_MS = 300

export type ReconciliationOptions = {
  journal: Journal
  recorder: Recorder
  laws: readonly LawRules[]
  dueReceipts: DueReceipts
  unresolved: UnresolvedOutcomes
  clock: Clock
  onError: (error: unknown) => void
}

/**
 * Aligns journal and device after a start and after every outage: open intents are reconciled by asking, and a
 * transaction that no document waits for is ended as aborted, so that none stays open.
 */
export class Reconciliation {
  readonly #options: ReconciliationOptions
  readonly #running = new Map<string, Promise<void>>()
  /** By device: a start, a return and a retirement may look for registers to take over at the same time. */
  readonly #takeovers = new Mutexes()
  readonly #retries: ReconcileRetries

  constructor(options: ReconciliationOptions) {
    this.#options = options
    this.#retries = new ReconcileRetries(options.clock)
  }

  stop(): void {
    this.#retries.stop()
  }

  /**
   * Journals a change of the device (begin, end and cause of an outage matter to the law), and reconciles on its
   * return.
   */
  async onChange(device: DeviceSupervisor, change: DeviceChange): Promise<void> {
    if (change.isPassing) return change.state === 'ready' ? this.#resume(device) : undefined
    const facts: Facts['device.changed'] = {
      device: device.id,
      state: change.state,
      code: change.code ?? null,
      message: change.message ?? null,
      serial: device.identity?.serial ?? null,
      ...(change.silentMs > 0 && { silent_ms: change.silentMs }),
      ...useOf(device),
    }
    try {
      const tse = change.state === 'ready' ? device.asTse : undefined
      await this.#options.journal.record((view) => [
        { kind: 'device.changed', op: device.id, body: { facts } },
        ...(tse?.identity === undefined ? [] : tseRecord(view, device.id, tse.unit, tse.identity)),
      ])
      if (change.state === 'ready') await this.#welcome(device)
    } catch (error) {
      this.#options.onError(error)
    }
  }

  /**
   * First step of a start: connects every device and reconciles what a crash left open. Resolves when tills may send
   * requests; longer work continues.
   */
  async startUp(devices: readonly DeviceSupervisor[]): Promise<void> {
    const { clock, onError, unresolved } = this.#options
    unresolved.start()
    const begun = devices.map((device) => within(clock, this.#waitMs(device), this.#begin(device).catch(onError)))
    await Promise.all([...begun, within(clock, OUTAGE_WAIT_MS, this.#reconcileGone(devices).catch(onError))])
  }

  /** A device that does not answer the first try has its window, and the start does not wait for it. */
  async #begin(device: DeviceSupervisor): Promise<void> {
    await device.connect()
    if (device.isAwaited) void this.#resume(device)
    else await this.#welcome(device)
  }

  #waitMs(device: DeviceSupervisor): number {
    const law = lawOfKind(this.#options.laws, device.device.unit.kind)
    return law?.outage.sells === false ? MEMORY_WAIT_MS : OUTAGE_WAIT_MS
  }

  /** Concludes intents of devices that are no longer configured, by the rules of their law. */
  async #reconcileGone(devices: readonly DeviceSupervisor[]): Promise<void> {
    const gone = new Set(this.#options.journal.view.openIntents().map((row) => row.device))
    for (const device of devices) gone.delete(device.id)
    await Promise.all([...gone].map((device) => this.#options.recorder.reconcile(device)))
  }

  /**
   * Reconciles what was left open while the device stayed usable: an act that it twice did not execute, a query
   * interrupted by a lost answer, a slip after an unresolved document, the outage of a card that was too busy to sign.
   * Asks the device only if the journal has such an act. Called by tills, too: their requests keep a printer so busy
   * that its health is rarely probed.
   */
  async reconcileOpen(device: DeviceSupervisor | undefined): Promise<void> {
    // Each health probe asks again.
    if (this.#options.journal.lock.isHeld) return
    try {
      if (device?.usable === true && this.#needsReconciling(device)) await this.reconcile(device)
      if (device?.usable === true) await this.#options.dueReceipts.endOutages(device)
    } catch (error) {
      this.#options.onError(error)
    }
  }

  /** The outcome of an act there is unknown: asks again after a pause, or as soon as the device is ready. */
  askLater(device: DeviceSupervisor | undefined): void {
    if (device?.usable === true) this.#retries.later(device.id, () => void this.reconcileOpen(device))
  }

  #leavesOpen(device: DeviceSupervisor): boolean {
    const { journal, recorder } = this.#options
    return journal.view.openIntents().some((row) => row.device === device.id && !recorder.carries(row.seq))
  }

  #needsReconciling(device: DeviceSupervisor): boolean {
    const { view } = this.#options.journal
    const intents = this.#leavesOpen(device)
    const known = view.deviceTransactions(device.id)
    const orphans = known.some((row) => !this.#isAwaited(row.op))
    const reported = known.length + device.foreignTransactions.length
    const unknown = (device.tseHealth?.openTransactions ?? 0) > reported
    return intents || orphans || unknown
  }

  /** A short interruption is not journalled as a change of the device; what it left open is reconciled anyway. */
  async #resume(device: DeviceSupervisor): Promise<void> {
    try {
      await this.#welcome(device)
    } catch (error) {
      this.#options.onError(error)
    }
  }

  /** Reconciles what is open on a device, once at a time. */
  reconcile(device: DeviceSupervisor): Promise<void> {
    const running = this.#running.get(device.id)
    if (running !== undefined) return running
    const reconciling = this.#reconcileNow(device).finally(() => {
      this.#running.delete(device.id)
      if (this.#leavesOpen(device)) this.askLater(device)
      else this.#retries.forget(device.id)
    })
    this.#running.set(device.id, reconciling)
    return reconciling
  }

  /** For a device that answers: journals it, reconciles what was left open, then makes the receipts that are due. */
  async #welcome(device: DeviceSupervisor): Promise<void> {
    // A failed read here would not be repeated before the device comes back.
    await this.#options.journal.untilFree()
    const card = device.asCard
    if (card?.identity !== undefined)
      await enrolUnit(this.#options.journal, device.id, card.unit, card.identity, this.#options.clock.now())
    this.#retries.forget(device.id)
    // A failure to take over registers must not prevent the reconciliation.
    await this.takeOver(device).catch(this.#options.onError)
    await this.reconcile(device)
    if (device.usable) await this.#options.dueReceipts.make(device.device.unit.kind)
  }

  /**
   * Registers the clients of its device id at a TSE that replaces a retired one, each once. Registering a client twice
   * does no harm, so no intent is needed: what a crash leaves out is done at the next connection.
   */
  takeOver(device: DeviceSupervisor): Promise<void> {
    return this.#takeovers.run(device.id, () => this.#takeOverNow(device))
  }

  async #takeOverNow(device: DeviceSupervisor): Promise<void> {
    const { unit, identity } = device.asTse ?? {}
    const { journal, clock } = this.#options
    if (unit === undefined || identity === undefined || !device.usable) return
    const { serial } = identity
    const isUncertified = isUncertifiedUnit(unit, identity)
    for (const [client, { regime: law, register }] of this.#clientsOf(device.id)) {
      if (boundToAnother(journal.view, register, serial) === undefined) continue
      if (refusalOfNumber(client, isUncertified) !== undefined) continue
      const outcome = await law.perform({ device: device.id, name: 'register_client', client })
      if (outcome.kind !== 'done') throw new Error(`client ${client} is not known to ${device.id}: ${outcome.kind}`)
      await journal.record((view) => {
        const bound = boundToAnother(view, register, serial)
        if (bound === undefined || isRetiredTse(view, serial)) return []
        const set = { fiscalization: { ...bound, tse_serial: serial }, updated_at: rfc3339(clock.now()) }
        const body = { set, enrolled: { device: device.id, serial } }
        return [{ kind: 'register.tse_replaced', op: register, body }]
      })
    }
  }

  async #reconcileNow(device: DeviceSupervisor): Promise<void> {
    await this.#options.recorder.reconcile(device.id)
    await this.#reconcileAborts(device.id)
    if (!device.usable) return
    for (const orphan of await this.#orphans(device)) {
      if (!device.usable) return
      await this.#abort(device, orphan)
    }
  }

  /**
   * Transactions open on the device without an open document or intent in the journal. Those of foreign clients are
   * left alone and reported: another system may be selling with the same unit.
   */
  async #orphans(device: DeviceSupervisor): Promise<Orphan[]> {
    const tse = device.asTse?.unit
    const clients = this.#clientsOf(device.id)
    if (tse === undefined || clients.size === 0) return []
    const { view } = this.#options.journal
    const startingBefore = this.#starting(device.id, clients)
    const open = await tse.openTransactions()
    const starting = new Set([...startingBefore, ...this.#starting(device.id, clients)])
    const journalled = new Map(view.deviceTransactions(device.id).map((row) => [row.number, row.op]))
    const unawaited = open.filter((number) => !this.#isAwaited(journalled.get(number)))
    const found: Orphan[] = []
    const foreign: ForeignTransaction[] = []
    for (const number of unawaited) {
      const known = device.foreignTransactions.find((transaction) => transaction.number === number)
      const client = known?.client ?? (await tse.recall(number))?.clientId ?? ''
      const own = clients.get(client)
      const op = journalled.get(number)
      if (own === undefined) foreign.push({ number, client })
      // An unknown number may belong to a start whose outcome is not journalled yet.
      else if (op !== undefined || !starting.has(client)) found.push(...orphansOf(own, { device, client, number, op }))
    }
    device.foreignTransactions = foreign
    return found
  }

  /** Clients with a start whose outcome is not known yet. */
  #starting(device: string, clients: ReadonlyMap<string, unknown>): string[] {
    return [...clients.keys()].filter((client) => this.#startsUnderWay(device, client))
  }

  #isAwaited(op: string | undefined): boolean {
    const { view } = this.#options.journal
    // An adopted one is open without an operation.
    if (op === undefined || op === '') return false
    return view.operationRow(op)?.status === 'open' || view.openIntentsOf(op).length > 0
  }

  #startsUnderWay(device: string, client: string): boolean {
    const { view } = this.#options.journal
    return view.openIntents().some((row) => {
      const act = row.device === device ? view.bodyAt(row.seq).act : undefined
      return act?.['client'] === client && act.name === 'start'
    })
  }

  #clientsOf(device: string): Map<string, { regime: LawRules; register: string }> {
    const { view } = this.#options.journal
    const clients = new Map<string, { regime: LawRules; register: string }>()
    for (const register of allRegisters(view)) {
      if (register.fiscal_device !== device) continue
      const law = lawOfRegister(this.#options.laws, register)
      const client = register.fiscalization?.client_id ?? undefined
      if (law !== undefined && client !== undefined) clients.set(client, { regime: law, register: register.id })
    }
    return clients
  }

  /** Intent, act, outcome for an orphan transaction. Its start is reconciled first: no operation may have it. */
  async #abort(device: DeviceSupervisor, { regime: law, act, op, register }: Orphan): Promise<void> {
    const start = await startOf(device, act, op)
    const facts: OrphanTransaction = {
      law: law.facts.name,
      register_id: register,
      operation_id: op || null,
      ...(start !== undefined && { started_ms: start.logTimeMs }),
    }
    const intent = await this.#options.journal.commit('outcome', (_view, seq) => ({
      events: [{ kind: 'transaction.abort_intended', op: '', body: { act, facts } }],
      result: seq,
    }))
    await this.#concludeAbort(intent, act, facts, await law.perform(act))
  }

  /** Reconciles aborts that a crash or an outage interrupted; those that did nothing are found as orphans again. */
  async #reconcileAborts(device: string): Promise<void> {
    const { view } = this.#options.journal
    for (const row of view.openIntents()) {
      if (row.device !== device || row.op !== '') continue
      const body = view.bodyAt(row.seq)
      const { act } = body
      const facts = orphanTransaction(body)
      const law = this.#options.laws.find(({ facts: law }) => law.name === facts?.law)
      if (act !== undefined && facts !== undefined && law !== undefined) {
        await this.#concludeAbort(row.seq, act, facts, await law.settle(act))
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

/** The fiscalization of a register that another TSE signs for. */
function boundToAnother(
  view: View,
  register: string,
  serial: string,
): NonNullable<Register['fiscalization']> | undefined {
  const document = view.register(register)?.shown
  if (document === undefined || !isFiscalized(document)) return undefined
  return document.fiscalization.tse_serial === serial ? undefined : document.fiscalization
}

function orphansOf(
  { regime: law, register }: { regime: LawRules; register: string },
  open: { device: DeviceSupervisor; client: string; number: number; op: string | undefined },
): Orphan[] {
  const act = law.orphans?.abort(open.device.id, open.client, open.number)
  return act === undefined ? [] : [{ regime: law, act, op: open.op, register }]
}

type Orphan = { regime: LawRules; act: Act; op: string | undefined; register: string }

/** If its operation has the start, too, the device need not return it. Throws DeviceError. */
async function startOf(device: DeviceSupervisor, act: Act, op: string | undefined): Promise<TseSignature | undefined> {
  try {
    return (await device.asTse?.unit.recall(Number(act['transaction']), String(act['client'])))?.start
  } catch (error) {
    if (op === undefined) throw error
    return undefined
  }
}
