import { FiskalError } from '../../errors.ts'
import type { Document, RecordedDocument } from '../../journal/documents/document.ts'
import { isRecorded } from '../../journal/documents/document.ts'
import { registerIdOf } from '../../journal/documents/registers.ts'
import type { Journal } from '../../journal/journal.ts'
import type { IntentRow } from '../../journal/projections/view.ts'
import type { LawRules, Outcome } from '../../laws/law.ts'
import { Mutexes } from './mutexes.ts'
import type { RunningRequests } from './running-requests.ts'
import { WAITING_LIMIT } from './running-requests.ts'
import type { PlannedAct } from './workflow.ts'

export type ActOrderOptions = {
  journal: Journal
  running: RunningRequests
  /** The law of a document. */
  lawOfDocument: (document: RecordedDocument) => LawRules | undefined
  /** Asks the device about acts that were left open, one at a time, and continues their requests. */
  askAbout: (rows: readonly IntentRow[]) => Promise<void>
  /** Called when an act waits for another one whose outcome is unknown and is not being queried. Optional. */
  onBlocked?: ((device: string) => void) | undefined
}

/**
 * The acts that wait for each other, by the order of their law: none, the receipts of a register, or the documents of a
 * device.
 */
export class ActOrder {
  readonly #options: ActOrderOptions
  /** For laws that chain receipts: a register's receipts one at a time, from the plan to the conclusion. */
  readonly #receipts = new Mutexes()
  /** For laws whose device is the fiscal memory: its documents one at a time, from the read to the print. */
  readonly #devices = new Mutexes(2 * WAITING_LIMIT)

  constructor(options: ActOrderOptions) {
    this.#options = options
  }

  /**
   * Runs work that makes receipts of a register: exclusively if its law chains them, and after everything left open
   * before is concluded. Throws `fiscal_device_busy`, and the error that blocks the chain. Work that leaves when its
   * last outcome is appended lets the next receipt be planned in the same group: they share a sync.
   */
  inReceiptOrder<T>(register: string, work: (leave: () => void) => Promise<T>): Promise<T> {
    return this.#receipts.run(register, async (leave) => {
      const rows = this.#leftOpen(({ op }) => this.#registerOf(op) === register)
      if (rows.length > 0) await this.#options.askAbout(rows)
      return work(leave)
    })
  }

  /**
   * Runs work on a device between two documents of its fiscal memory. Throws `fiscal_device_busy` if too many wait.
   */
  exclusively<T>(device: string, work: () => Promise<T>): Promise<T> {
    return this.#devices.run(device, work)
  }

  /** The same register if its law chains its receipts, else undefined. */
  chainedRegister(register: string | undefined): string | undefined {
    const document = register === undefined ? undefined : this.#options.journal.view.register(register)
    return this.#isChained(document) ? register : undefined
  }

  /** True if a request is running that is answered only with its outcome, however long that takes. */
  holdsAnswer(root: number): boolean {
    const { journal, running } = this.#options
    return running.isRunning(root) && this.#isChained(journal.view.document(journal.view.event(root)?.op ?? ''))
  }

  #isChained(document: Document | undefined): boolean {
    if (document === undefined || !isRecorded(document)) return false
    return this.#options.lawOfDocument(document)?.order === 'register'
  }

  /**
   * Asks about the open acts of a device that are not running: those in receipt order by register, the others before.
   */
  async reconcile(device: string): Promise<void> {
    const { journal, askAbout } = this.#options
    const isFree = (row: IntentRow): boolean => row.device === device && this.#chainedOf(row) === undefined
    // Acts that only read wait for those that may have changed something: collected after these are reconciled.
    await askAbout(this.#leftOpen((row) => isFree(row) && !this.#reads(row)))
    await askAbout(this.#leftOpen((row) => isFree(row) && this.#reads(row)))
    const open = journal.view.openIntents().filter((row) => row.op !== '' && row.device === device)
    const registers = new Set(open.flatMap((row) => this.#chainedOf(row) ?? []))
    for (const register of registers) await this.inReceiptOrder(register, async () => undefined)
  }

  /**
   * A fiscal memory that may hold an unresolved document executes nothing new, and its counters are not read: after the
   * next document it could not be identified any longer. Acts on a memory are planned and executed in its queue, so an
   * open foreign act there is such a document, even if its query still waits. `asks`: the act itself is asked about.
   */
  blockedByOpenPrint({ act, intent, document, law }: PlannedAct, { asks }: { asks: boolean }): Outcome | undefined {
    if (law?.order !== 'device' || (asks && act.reads !== true)) return undefined
    const open = this.#unresolvedOn(act.device, intent)
    if (open === undefined) return undefined
    this.#options.onBlocked?.(act.device)
    const kind = law.whenUnknown(document) === 'answer_and_act_later' ? 'unknown' : 'failed'
    return { kind, code: 'reconciling', message: `The device is being asked what became of ${open.op}.` }
  }

  /**
   * For work between two documents of a fiscal memory: nothing may be printed after one whose outcome the device has not
   * reported. Throws `reconciling`.
   */
  refuseUnresolved(device: string): void {
    const open = this.#unresolvedOn(device)
    if (open === undefined) return
    this.#options.onBlocked?.(device)
    throw new FiskalError(
      'reconciling',
      `The device is being asked what became of ${open.op}.`,
      { device_id: device, operation_id: open.op },
      { retryAfterSeconds: 1 },
    )
  }

  #unresolvedOn(device: string, besides?: number): IntentRow | undefined {
    const open = this.#options.journal.view.openIntents()
    return open.find((row) => row.device === device && row.seq !== besides && row.op !== '' && !this.#reads(row))
  }

  /** Open intents that are not running. */
  #leftOpen(isMeant: (row: IntentRow) => boolean): IntentRow[] {
    const { journal, running } = this.#options
    return journal.view
      .openIntents()
      .filter((row) => row.op !== '' && running.actOf(row.seq) === undefined && isMeant(row))
  }

  /** A running act is in memory: many may wait for one device, and the next command to it waits for this one. */
  #reads({ seq }: IntentRow): boolean {
    const { journal, running } = this.#options
    const act = running.actOf(seq)?.act ?? journal.view.bodyAt(seq).act
    return act?.reads === true
  }

  #chainedOf({ op }: IntentRow): string | undefined {
    return this.chainedRegister(this.#registerOf(op))
  }

  #registerOf(op: string): string {
    return registerIdOf(this.#options.journal.view, op)
  }
}
