import { within } from '../../../base/clock.ts'
import type { DeviceChange } from '../../devices/device.ts'
import { enrolUnit, tseRecord } from '../../devices/enrolment.ts'
import { useOf } from '../../devices/past-use.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import type { Facts } from '../../journal/event-facts.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { lawOfKind } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import { Departures } from './departures.ts'
import type { DueReceipts } from './due-receipts.ts'
import { OrphanTransactions } from './orphan-transactions.ts'
import { ReconcileRetries } from './reconcile-retries.ts'
import { TakeOver } from './take-over.ts'
import type { UnresolvedOutcomes } from './unresolved-outcomes.ts'

/** Selling begins at the latest after this time, with the law's outage rule for devices that have not answered. */
const OUTAGE_WAIT_MS = 5_000
/** For a fiscal memory, which selling needs: until then tills get the answer that it is being asked. */
const MEMORY_WAIT_MS = 300

export type ReconciliationOptions = Pick<TillParts, 'journal' | 'recorder' | 'laws' | 'clock'> & {
  dueReceipts: DueReceipts
  unresolved: UnresolvedOutcomes
  onError: (error: unknown) => void
  /** True while the receipt numbers of the device's registers are not certain after a restore. */
  isNumberPending: (device: string) => boolean
}

/**
 * Aligns journal and device after a start and after every outage: open intents are reconciled by asking, and a
 * transaction that no document waits for is ended as aborted, so that none stays open.
 */
export class Reconciliation {
  readonly #options: ReconciliationOptions
  readonly #running = new Map<string, Promise<void>>()
  readonly #orphans: OrphanTransactions
  readonly #takeOver: TakeOver
  readonly #departures: Departures
  readonly #retries: ReconcileRetries

  constructor(options: ReconciliationOptions) {
    this.#options = options
    this.#orphans = new OrphanTransactions(options)
    this.#takeOver = new TakeOver(options)
    this.#departures = new Departures(options)
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
    if (change.isPassing) return change.state === 'ready' ? this.#tryReturned(device) : undefined
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
      await this.#options.journal.record((view) => [
        { kind: 'device.changed', op: device.id, body: { facts } },
        ...(change.state === 'ready' ? unitRecord(view, device) : []),
      ])
      if (change.state === 'ready') await this.#reconcileReturned(device)
    } catch (error) {
      this.#options.onError(error)
    }
  }

  /**
   * First step of a start: connects every device and reconciles what a crash left open. Resolves when tills may send
   * requests; longer work continues.
   */
  async startUp(devices: readonly DeviceSupervisor[]): Promise<void> {
    const { clock, onError } = this.#options
    const connections = devices.map((device) => within(clock, this.#waitMs(device), this.#begin(device).catch(onError)))
    await Promise.all([...connections, within(clock, OUTAGE_WAIT_MS, this.#reconcileGone(devices).catch(onError))])
  }

  /** A device that does not answer the first try has its window, and the start does not wait for it. */
  async #begin(device: DeviceSupervisor): Promise<void> {
    await device.connect()
    if (device.isAwaited) void this.#tryReturned(device)
    else await this.#reconcileReturned(device)
  }

  #waitMs(device: DeviceSupervisor): number {
    const law = lawOfKind(this.#options.laws, device.device.unit.kind)
    return law?.outage.sells === false ? MEMORY_WAIT_MS : OUTAGE_WAIT_MS
  }

  /**
   * Asks about intents of devices that are no longer configured, by the rules of their law: Austria signs with another
   * card, an intent of a TSE stays open.
   */
  async #reconcileGone(devices: readonly DeviceSupervisor[]): Promise<void> {
    const gone = new Set(this.#options.journal.view.openIntents().map((row) => row.device))
    for (const device of devices) gone.delete(device.id)
    await Promise.all([...gone].map((device) => this.#options.recorder.order.reconcile(device)))
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
      // The first self-test of a unit, and its certificate with it, may follow its first look.
      if (device?.usable === true && unitRecord(this.#options.journal.view, device).length > 0)
        await this.#options.journal.record((view) => unitRecord(view, device))
      if (device?.usable === true && this.#needsReconciling(device)) await this.reconcile(device)
      if (device?.usable === true) await this.#departures.run(device)
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
    const transactions = view.deviceTransactions(device.id)
    const orphans = transactions.some((row) => !this.#orphans.isAwaited(row.op))
    const reported = transactions.length + device.foreignTransactions.length
    const unknown = (device.tseHealth?.openTransactions ?? 0) > reported
    return intents || orphans || unknown
  }

  /** A short interruption is not journalled as a change of the device; what it left open is reconciled anyway. */
  async #tryReturned(device: DeviceSupervisor): Promise<void> {
    try {
      await this.#reconcileReturned(device)
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
  async #reconcileReturned(device: DeviceSupervisor): Promise<void> {
    // A failed read here would not be repeated before the device comes back.
    await this.#options.journal.untilFree()
    const card = device.asCard
    // Called after the first look too: the card may be that of another id.
    if (card?.identity !== undefined && device.state !== 'foreign')
      await enrolUnit(this.#options.journal, device.id, card.unit, card.identity, this.#options.clock.now())
    this.#retries.forget(device.id)
    // A failure to take over registers must not prevent the reconciliation.
    await this.#takeOver.run(device).catch(this.#options.onError)
    await this.reconcile(device)
    await this.#departures.run(device).catch(this.#options.onError)
    if (device.usable) await this.#options.dueReceipts.make(device.device.unit.kind)
  }

  /** A register changed its device: this one takes it over, or deregisters it. Errors are logged. */
  async handOver(device: DeviceSupervisor): Promise<void> {
    try {
      await this.#takeOver.run(device)
      await this.#departures.run(device)
    } catch (error) {
      this.#options.onError(error)
    }
  }

  /** See {@link TakeOver}. */
  takeOver(device: DeviceSupervisor): Promise<void> {
    return this.#takeOver.run(device)
  }

  async #reconcileNow(device: DeviceSupervisor): Promise<void> {
    await this.#options.recorder.order.reconcile(device.id)
    await this.#orphans.reconcileAborts(device.id)
    if (device.usable && !this.#options.isNumberPending(device.id)) await this.#orphans.abortAll(device)
  }
}

/** Facts of a TSE that the journal does not have yet. */
function unitRecord(view: View, { id, asTse: tse, device }: DeviceSupervisor): NewEvent[] {
  return tse?.identity === undefined ? [] : tseRecord(view, id, tse.unit, tse.identity, device.inventory)
}
