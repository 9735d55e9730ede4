import type { TseOptions } from '../called-tse.ts'
import { CalledTse } from '../called-tse.ts'
import { DeviceError, withEffect } from '../errors.ts'
import type { Tse, TseExportFilter, TseHealth, TseIdentity, TseKeep, TseRecall, TseSignature } from '../ports/tse.ts'
import type { Command } from '../queue.ts'
import { recovering } from '../recovering.ts'
import { unlessAbsent, unlessRefused } from '../refusals.ts'
import { newestOf, recallFromArchive } from '../tr03151/recall.ts'
import {
  ArchiveExport,
  earlierExport,
  exportCommand,
  gatheredArchive,
  intervalCommand,
  transactionCommand,
} from './archive-export.ts'
import type { DieboldBox } from './box.ts'
import type { SlotAccess } from './line.ts'
import { DieboldLine } from './line.ts'
import { DieboldUnit } from './unit.ts'

/** `secrets`: `adminPin` and `timeAdminPin`, as delivered with the unit. */
export type DieboldOptions = TseOptions & {
  /** SingleTSE on its virtual COM port, or ConnectBox over TCP; shared by all its slots. */
  box: DieboldBox
  /** Slot of the TSE in a ConnectBox, 1 to 10. */
  slot: number
  /** Remembers PINs that the unit refused; without it they are forgotten with the process. */
  directory?: string
  timeouts: { replyMs: number; longMs: number }
}

/** A signature is one answer after several commands, and a status query after silence. */
const PARTS_OF_TRANSACTION = 8
const RECOVERIES_MAX = 3
const WRONG_ORDER = '0006'
/** Limit for the time that other slots of a box may go first; less than the longest wait of a till in the queue. */
const SLOT_WAIT_MS = 60_000

/** Diebold Nixdorf SingleTSE and ConnectBox: framed ASCII commands, to which an error is silence. */
export class DieboldTse extends CalledTse<DieboldUnit> implements Tse {
  readonly #options: DieboldOptions
  readonly #access: SlotAccess
  #connection: number | undefined
  readonly #closing = new AbortController()

  constructor(options: DieboldOptions) {
    const { box, clock, secrets, directory, time, timeouts } = options
    const { replyMs, longMs } = timeouts
    const slot = String(options.slot)
    box.share(slot)
    const access = { line: new DieboldLine({ box, clock, ...timeouts }), box, slot }
    const unit = new DieboldUnit(access, secrets, directory, clock)
    super({
      unit,
      clock,
      time,
      deadlines: { askMs: PARTS_OF_TRANSACTION * replyMs + longMs, inspectMs: longMs, remedyMs: longMs },
      recoveriesMax: { ask: RECOVERIES_MAX, inspect: RECOVERIES_MAX },
    })
    this.#options = options
    this.#access = access
  }

  open(): Promise<void> {
    return this.turn({ deadlineMs: this.#options.timeouts.longMs }, () => this.#connect())
  }

  async #connect(): Promise<void> {
    const { line, box, slot } = this.#access
    this.#connection = undefined
    this.unit.forget()
    try {
      const connection = await box.connect(slot)
      await line.quieten()
      await recovering(
        () => this.unit.slotInfo(),
        (error) => this.#endLeftCommand(error),
        1,
      )
      this.#connection = connection
    } catch (error) {
      await box.leave(slot)
      // Nothing with an effect was sent yet.
      throw withEffect(error, 'none')
    }
  }

  /** The other slots of the box continue. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.queue.close(() => this.#access.line.close())
    this.#connection = undefined
    await this.#access.box.leave(this.#access.slot)
  }

  identity(): Promise<TseIdentity> {
    return this.inspect(() => this.unit.identity())
  }

  health(): Promise<TseHealth> {
    return this.inspect(async () => {
      const info = await this.unit.slotInfo()
      const { max, open } = await this.unit.transactionCounts()
      return {
        memoryUsedPercent: info.usedPercent ?? 0,
        signaturesLeft: info.signaturesLeft,
        certificateExpiresAtMs: info.certificateExpiresAtMs,
        clockSkewMs: this.time.skewMs(),
        openTransactions: open,
        maxOpenTransactions: max,
        initialised: info.isInitialised || info.isDisabled,
        disabled: info.isDisabled,
        selfTestDueInMs: await this.unit.selfTestDueInMs(),
        refusedPin: await this.unit.refusedPin(),
        description: info.description,
      }
    })
  }

  recall(transaction: number): Promise<TseRecall | undefined> {
    return this.perform(() =>
      unlessAbsent(async () => {
        const archive = await gatheredArchive(this.#access, transactionCommand(transaction))
        return await recallFromArchive(archive, transaction)
      }),
    )
  }

  lastLog(transaction: number | undefined, client: string): Promise<TseSignature | undefined> {
    return this.perform(async () => {
      const range = transaction === undefined ? undefined : intervalCommand(transaction)
      const archive = range && (await unlessRefused(() => gatheredArchive(this.#access, range)))
      return archive === undefined ? this.unit.lastLog(transaction, client) : newestOf(archive, transaction, client)
    })
  }

  initialise(): Promise<void> {
    return this.perform(async () => {
      const timeMs = this.time.now()
      if (await this.unit.initialise(timeMs)) this.time.told(timeMs)
    })
  }

  /**
   * The device creates the archive once and keeps it in a buffer. Each piece takes its own slot in the queue, with
   * sales in between.
   */
  async *exportLogs(filter: TseExportFilter, signal?: AbortSignal, heldMs?: number): AsyncGenerator<Uint8Array> {
    const own = new ArchiveExport(this.#access, exportCommand(filter), heldMs)
    try {
      yield* this.#pieces(own, signal)
    } finally {
      await this.#release(own)
    }
  }

  /** The device deletes only the last export, identified by its size. */
  async archiveAndDelete(keep: TseKeep, signal?: AbortSignal): Promise<void> {
    const own = new ArchiveExport(this.#access, exportCommand({}))
    try {
      await keep(this.#pieces(own, signal))
      await this.perform(async () => {
        own.demandBuffer()
        await this.unit.deleteExported(own.bytes)
      })
    } finally {
      await this.#release(own)
    }
  }

  async *#pieces(own: ArchiveExport, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    await this.perform(() => own.begin(), { signal })
    for (let isLast = false; !isLast; ) {
      const piece = await this.perform(() => own.piece(), { signal })
      isLast = piece.isLast
      if (piece.bytes.length > 0) yield piece.bytes
    }
    if (!own.isOurs()) throw earlierExport()
  }

  /** Frees the buffer, unless another export has it already. */
  async #release(own: ArchiveExport): Promise<void> {
    if (own.holdsBuffer) await this.perform(() => own.reset()).catch(() => undefined)
  }

  /** Round-robin over the registers of a slot, then over the slots of the box. */
  protected override turn<T>({ deadlineMs, signal, client }: Command, act: () => Promise<T>): Promise<T> {
    const { box, slot } = this.#access
    const givenUp = signal === undefined ? this.#closing.signal : AbortSignal.any([this.#closing.signal, signal])
    return this.queue.run({ client, signal, deadlineMs: SLOT_WAIT_MS + deadlineMs }, () =>
      box.run(slot, { deadlineMs, waitMs: SLOT_WAIT_MS, signal: givenUp }, act),
    )
  }

  protected async beReady(): Promise<void> {
    if (!this.#access.box.isOn(this.#connection))
      throw new DeviceError('unavailable', 'none', `${this.#options.id} is not open`)
  }

  /** Runs the self-test, sets the time or registers a client again if the unit demands it. */
  protected recover(error: DeviceError): Promise<boolean> {
    return this.#recover(error, true)
  }

  /** It may run a self-test. */
  protected recoverInspection(error: DeviceError): Promise<boolean> {
    return this.#recover(error, false)
  }

  async #recover({ code, deviceCode }: DeviceError, writes: boolean): Promise<boolean> {
    if (code === 'self_test_due') await this.unit.selfTest(writes)
    else if (code === 'time_not_set' && writes) await this.giveTime()
    else if (deviceCode === '010a') await this.unit.setClient()
    else return await this.#endLeftCommand({ deviceCode })
    return true
  }

  /** Not in a box with other slots, which use the same line. */
  protected async reopen(): Promise<boolean> {
    const { box, line } = this.#access
    if (box.isShared) return false
    const before = this.unit.serial
    await line.close()
    await this.#connect()
    const { serial } = await this.unit.identity()
    if (before === undefined || before === serial) return true
    this.#connection = undefined
    throw new DeviceError('foreign', 'none', 'another unit is in the slot')
  }

  /** A transaction command that was begun and not completed, for example by a killed agent, blocks others. */
  async #endLeftCommand({ deviceCode }: Pick<DeviceError, 'deviceCode'>): Promise<boolean> {
    if (deviceCode !== WRONG_ORDER) return false
    await this.unit.giveUp()
    return true
  }
}
