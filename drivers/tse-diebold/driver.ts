import { demandNoneOpen } from '../deletion.ts'
import { DeviceError, withEffect } from '../errors.ts'
import { mending } from '../mending.ts'
import type { Clock } from '../ports/clock.ts'
import type { QueueLoad } from '../ports/queue-load.ts'
import type { DeviceSecrets } from '../ports/secrets.ts'
import type { Tse, TseExportFilter, TseHealth, TseIdentity, TseKept, TseRecall, TseSignature } from '../ports/tse.ts'
import type { Command } from '../queue.ts'
import { CommandQueue } from '../queue.ts'
import { recallFromArchive } from '../tr03151/recall.ts'
import type { DieboldBox } from './box.ts'
import { ArchiveReader, command, encodeDate } from './codec.ts'
import { DieboldLine } from './line.ts'
import { DieboldUnit } from './unit.ts'

export type DieboldOptions = {
  id: string
  /** SingleTSE on its virtual COM port, ConnectBox over TCP; one for all its slots. */
  box: DieboldBox
  /** Slot of the TSE in a ConnectBox, 1 to 10. */
  slot: number
  /** `adminPin` and `timeAdminPin`: the unit comes with them. */
  secrets: DeviceSecrets
  /** Remembers PINs that the unit refused; without one they are forgotten with the process. */
  directory?: string
  clock: Clock
  timeouts: { replyMs: number; longMs: number }
}

/** Exports and their lists do not share a buffer of the device. */
const exportBuffer = 1
/** A signature is one answer; what leads to it are some more, and after silence a question. */
const partsOfTransaction = 8
const mendingsMax = 3
/** How long the other slots of a box may go before: less than what a till is kept waiting by a queue anyway. */
const turnMs = 60_000
const recallBytesMax = 4 << 20
/** What did not reach the unit is asked once more. */
const gatheringTries = 2

/** Diebold Nixdorf SingleTSE and ConnectBox: framed ASCII commands, in which an error is silence. */
export class DieboldTse implements Tse {
  readonly kind = 'tse'
  readonly #options: DieboldOptions
  readonly #queue: CommandQueue
  readonly #line: DieboldLine
  readonly #unit: DieboldUnit
  readonly #slot: string
  #connection: number | undefined
  #serial: string | undefined
  #closing = new AbortController()
  /** What the unit's clock was ahead when it last told its time. */
  #skewMs = 0

  constructor(options: DieboldOptions) {
    this.#options = options
    this.#queue = new CommandQueue(options.clock)
    const { box, clock, secrets, directory, timeouts } = options
    this.#slot = String(options.slot)
    box.share(this.#slot)
    this.#line = new DieboldLine({ box, clock, ...timeouts })
    this.#unit = new DieboldUnit(this.#line, box, this.#slot, secrets, directory)
  }

  open(): Promise<void> {
    const { box, timeouts } = this.#options
    return this.#turn({ client: '', deadlineMs: timeouts.longMs }, async () => {
      this.#connection = undefined
      this.#serial = undefined
      try {
        const connection = await box.connect(this.#slot)
        await this.#line.quieten()
        await this.#unit.slotInfo()
        this.#connection = connection
      } catch (error) {
        await box.leave(this.#slot)
        // Nothing was asked for yet that could have an effect.
        throw withEffect(error, 'none')
      }
    })
  }

  /** The other slots of the box go on. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#queue.drop()
    this.#closing = new AbortController()
    this.#connection = undefined
    await this.#options.box.leave(this.#slot)
  }

  load(): QueueLoad {
    return this.#queue.load()
  }

  identity(): Promise<TseIdentity> {
    return this.#look(async () => {
      const identity = await this.#unit.identity()
      this.#serial = identity.serial
      return identity
    })
  }

  health(): Promise<TseHealth> {
    return this.#look(async () => {
      const info = await this.#unit.slotInfo()
      const { max, open } = await this.#unit.transactionCounts()
      return {
        memoryUsedPercent: info.capacity === 0 ? 0 : (100 * (info.capacity - info.free)) / info.capacity,
        signaturesLeft: info.signaturesLeft,
        certificateExpiresAtMs: info.certificateExpiresAtMs,
        clockSkewMs: this.#skewMs,
        openTransactions: open,
        maxOpenTransactions: max,
        initialised: info.isInitialised && !info.isDisabled,
        selfTestDueInMs: await this.#unit.selfTestDueInMs(),
        description: info.description,
      }
    })
  }

  start(clientId: string): Promise<TseSignature> {
    return this.#sign(() => this.#unit.start(clientId, this.#serial), clientId)
  }

  finish(transaction: number, clientId: string, processType: string, processData: Uint8Array): Promise<TseSignature> {
    return this.#sign(() => this.#unit.finish(transaction, clientId, processType, processData), clientId)
  }

  openTransactions(clientId?: string): Promise<readonly number[]> {
    return this.#ask(async () => (await this.#unit.openTransactions(clientId)).toSorted((one, other) => one - other))
  }

  recall(transaction: number): Promise<TseRecall | undefined> {
    return this.#ask(async () => {
      try {
        const archive = await this.#gathered(command.exportByTransaction, [padded(transaction), ''])
        return await recallFromArchive(archive, transaction)
      } catch (error) {
        if (error instanceof DeviceError && (error.code === 'no_data' || error.code === 'transaction_unknown'))
          return undefined
        throw error
      }
    })
  }

  registerClient(clientId: string): Promise<void> {
    return this.#ask(async () => {
      if (!(await this.#unit.clients()).includes(clientId)) await this.#unit.registerClient(clientId)
    }, clientId)
  }

  deregisterClient(clientId: string): Promise<void> {
    return this.#ask(async () => {
      if ((await this.#unit.clients()).includes(clientId)) await this.#unit.deregisterClient(clientId)
    }, clientId)
  }

  clients(): Promise<readonly string[]> {
    return this.#ask(() => this.#unit.tills())
  }

  initialise(): Promise<void> {
    return this.#ask(() => this.#unit.initialise(this.#options.clock.now()))
  }

  selfTest(): Promise<void> {
    return this.#ask(() => this.#unit.selfTest())
  }

  setTime(): Promise<void> {
    return this.#ask(() => this.#setTime())
  }

  /** The device makes the archive once and keeps it in a buffer: each piece is a turn of its own, sales come in between. */
  async *exportLogs(filter: TseExportFilter, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const own = nothingYet()
    try {
      yield* this.#exported(filter, signal, own)
    } finally {
      await this.#reset(own.number)
    }
  }

  /** What was exported last, and nothing else, may be deleted: its size says which that is. */
  async archiveAndDelete(
    keep: (archive: AsyncIterable<Uint8Array>) => Promise<TseKept>,
    signal?: AbortSignal,
  ): Promise<void> {
    const own = nothingYet()
    try {
      await keep(this.#exported({}, signal, own))
      await this.#ask(async () => {
        if (!this.#options.box.holdsBuffer(own.number)) throw anotherExport()
        demandNoneOpen((await this.#unit.transactionCounts()).open)
        await this.#unit.deleteExported(own.bytes)
      })
    } finally {
      await this.#reset(own.number)
    }
  }

  async *#exported(
    filter: TseExportFilter,
    signal: AbortSignal | undefined,
    own: OwnExport,
  ): AsyncGenerator<Uint8Array> {
    const [name, parameters] = exportCommand(filter)
    const reader = new ArchiveReader(name)
    const wanted = await this.#ask(() => this.#begin(name, parameters, own), '', signal)
    for (let packet = 0, isLast = false; !isLast; packet += 1) {
      const piece = await this.#ask(
        async () => {
          if (!this.#options.box.holdsBuffer(own.number)) throw anotherExport()
          return await this.#line.piece(exportBuffer, packet)
        },
        '',
        signal,
      )
      isLast = piece.isLast
      const bytes = reader.read(piece.data)
      own.bytes += bytes.length
      if (bytes.length > 0) yield bytes
    }
    if (this.#options.box.isEarlier(reader.finish(), wanted)) throw earlierExport()
  }

  /** The buffer is free again, unless another export has it already. */
  async #reset(own: number): Promise<void> {
    if (!this.#options.box.holdsBuffer(own)) return
    await this.#ask(() => this.#line.resetExport(this.#slot)).catch(() => undefined)
  }

  /** The id of this export. The buffer holds one, and what a lost answer was settled by takes it too: hence its number. */
  #begin(name: string, parameters: readonly string[], own: OwnExport): Promise<string> {
    own.number = this.#options.box.takeBuffer()
    return this.#line.begin(name, [this.#slot, ...parameters], exportBuffer)
  }

  async #gathered(name: string, parameters: readonly string[]): Promise<Buffer> {
    for (let tries = 1; tries <= gatheringTries; tries += 1) {
      const archive = await this.#gatheredOnce(name, parameters)
      if (archive !== undefined) return archive
    }
    throw earlierExport()
  }

  /** Undefined where the buffer holds an earlier one. */
  async #gatheredOnce(name: string, parameters: readonly string[]): Promise<Buffer | undefined> {
    const reader = new ArchiveReader(name)
    const parts: Buffer[] = []
    let bytes = 0
    const wanted = await this.#begin(name, parameters, nothingYet())
    for (let packet = 0, isLast = false; !isLast; packet += 1) {
      const piece = await this.#line.piece(exportBuffer, packet)
      isLast = piece.isLast
      parts.push(reader.read(piece.data))
      bytes += parts.at(-1)?.length ?? 0
      if (bytes > recallBytesMax) throw new DeviceError('refused', 'none', 'the logs of one transaction are too many')
    }
    await this.#line.resetExport(this.#slot)
    return this.#options.box.isEarlier(reader.finish(), wanted) ? undefined : Buffer.concat(parts)
  }

  #sign(act: () => Promise<TseSignature>, clientId: string): Promise<TseSignature> {
    return this.#ask(async () => {
      try {
        const signature = await act()
        this.#skewMs = signature.logTimeMs - this.#options.clock.now()
        return signature
      } catch (error) {
        await this.#unit.giveUp()
        throw error
      }
    }, clientId)
  }

  async #setTime(): Promise<void> {
    await this.#unit.setTime(this.#options.clock.now())
    this.#skewMs = 0
  }

  /** The line keeps its own deadlines, one for each part of an act; this one is for what nobody thought of. */
  #ask<T>(act: () => Promise<T>, client = '', signal?: AbortSignal): Promise<T> {
    const { replyMs, longMs } = this.#options.timeouts
    const deadlineMs = partsOfTransaction * replyMs + longMs
    return this.#turn({ client, deadlineMs, signal }, () => this.#mending(act, true))
  }

  /** A question that is also put to a unit nobody knows yet: it may test itself, but nothing is set in it. */
  #look<T>(act: () => Promise<T>): Promise<T> {
    const { longMs } = this.#options.timeouts
    return this.#turn({ client: '', deadlineMs: longMs }, () => this.#mending(act, false))
  }

  /** The registers of a slot take turns, then the slots of the box. */
  #turn<T>({ deadlineMs, signal, client }: Command, act: () => Promise<T>): Promise<T> {
    const givenUp = signal === undefined ? this.#closing.signal : AbortSignal.any([this.#closing.signal, signal])
    return this.#queue.run({ client, signal, deadlineMs: turnMs + deadlineMs }, () =>
      this.#options.box.run(this.#slot, { deadlineMs, waitMs: turnMs, signal: givenUp }, act),
    )
  }

  /** Tests the unit, sets its time and tells a client again where it demands that: a refusal did nothing. */
  async #mending<T>(act: () => Promise<T>, writes: boolean): Promise<T> {
    if (!this.#options.box.isOn(this.#connection))
      throw new DeviceError('unavailable', 'none', `${this.#options.id} is not open`)
    return mending(act, (error) => this.#mend(error, writes), mendingsMax)
  }

  async #mend({ code, effect, deviceCode }: DeviceError, writes: boolean): Promise<boolean> {
    if (effect !== 'none') return false
    if (code === 'self_test_due') await this.#unit.selfTest(writes)
    else if (code === 'time_not_set' && writes) await this.#setTime()
    else if (deviceCode === '010a') await this.#unit.tellClient()
    else return false
    return true
  }
}

/** An export under way: which it is of those that took the buffer, and what came of it. */
type OwnExport = { number: number; bytes: number }

const nothingYet = (): OwnExport => ({ number: 0, bytes: 0 })

const earlierExport = (): DeviceError => new DeviceError('timeout', 'unknown', 'the buffer holds an earlier export')

const anotherExport = (): DeviceError => new DeviceError('export_running', 'none', 'another export took the buffer')

const padded = (transaction: number): string => String(transaction).padStart(10, '0')

const exportCommand = (filter: TseExportFilter): [name: string, parameters: readonly string[]] => {
  const { clientId = '', transactionFrom, transactionTo, timeFromMs, timeToMs } = filter
  if (transactionFrom !== undefined || transactionTo !== undefined)
    return [command.exportByInterval, [padded(transactionFrom ?? 1), padded(transactionTo ?? 4_294_967_295), clientId]]
  if (timeFromMs !== undefined || timeToMs !== undefined)
    return [command.exportByPeriod, [encodeDate(timeFromMs ?? 0), encodeDate(timeToMs ?? latestMs), clientId]]
  // A client alone: all its transactions.
  if (clientId !== '') return [command.exportByInterval, [padded(1), padded(4_294_967_295), clientId]]
  return [command.exportAll, []]
}

/** 2099-12-31: two digits of a year are enough for every certificate. */
const latestMs = 4_102_444_799_000
