import { join } from 'node:path'
import type { DriveOptions } from '../called-tse.ts'
import { DeviceError } from '../errors.ts'
import { BlockFile } from '../links/block-file.ts'
import { mountedWith, mountsMark } from '../links/mounts.ts'
import { nodeMark } from '../links/node-mark.ts'
import type { QueueLoad } from '../ports/queue-load.ts'
import type { Remedy } from '../ports/remedy.ts'
import type { TimeGate } from '../ports/time-gate.ts'
import type { Tse, TseExportFilter, TseHealth, TseIdentity, TseKeep, TseRecall, TseSignature } from '../ports/tse.ts'
import type { Command } from '../queue.ts'
import { CommandQueue } from '../queue.ts'
import { recovering } from '../recovering.ts'
import { unlessEnded } from '../refusals.ts'
import { bsiIdIn } from '../tr03151/bsi-id.ts'
import { plainSignature } from '../tr03151/ecdsa.ts'
import { chainIn } from '../tr03151/recall.ts'
import { signInTime, UnitTime } from '../unit-time.ts'
import { archiveOf, newestLogOf, portionsOf, recallOf } from './archive.ts'
import type { CommandName } from './card.ts'
import { Card } from './card.ts'
import type { Parameter } from './codec.ts'
import { announced, BLOCK_BYTES, u32 } from './codec.ts'
import { Exchange } from './exchange.ts'
import { keptForOpen, limitOf, openCount } from './open-transactions.ts'
import { Logins, setUp } from './set-up.ts'
import { bytesAt, longsAt, mappedClients, numberAt } from './values.ts'

/** `secrets`: `adminPin`, `timeAdminPin` of 8 and `adminPuk`, `timeAdminPuk` of 10 digits. */
export type CryptovisionOptions = DriveOptions & {
  /** Remembers PINs that the card refused; without it they are forgotten with the process. */
  directory?: string
  /** A longer filtered archive is built from portions; default 16 MB. */
  gatheredBytesMax?: number
  /** Start, finish and questions; export, erase and set-up. Default 5000 and 120000. */
  timeouts?: { replyMs?: number | undefined; longMs?: number | undefined }
}

/** Signatures of one card: the certificate states no limit; the data sheets of certified units state this one. */
const SIGNATURES_MAX = 20_000_000
/** Refusals that the driver recovers from may follow each other: start the card, set its time, then the act. */
const RECOVERIES_MAX = 3
const IO_FILE = 'TSE-IO.bin'
const MOUNTS_MAX = 8
const empty: Parameter = { type: 'bytes', value: new Uint8Array() }

/**
 * CryptoVision TSE (SD, microSD, USB): commands through the file `TSE-IO.bin` of the mounted card, one at a time. Only
 * setting the time needs a login; the driver does that when the card asks.
 */
export class CryptovisionTse implements Tse {
  readonly kind = 'tse'
  readonly resumesExports = true
  readonly keepsClients = true
  readonly #options: CryptovisionOptions
  readonly #queue: CommandQueue
  readonly #file: BlockFile
  readonly #card: Card
  readonly #logins: Logins
  readonly #time: TimeGate

  constructor(options: CryptovisionOptions) {
    this.#options = options
    this.#queue = new CommandQueue(options.clock)
    const { path, recorder } = options
    this.#file = new BlockFile({ path: `${path}/${IO_FILE}`, blockBytes: BLOCK_BYTES, recorder, announced })
    this.#card = new Card(this.#file, new Exchange(this.#file, options.clock))
    this.#logins = new Logins(this.#card, options.secrets, options.directory, options.clock)
    this.#time = options.time ?? new UnitTime(options.clock)
  }

  open(): Promise<void> {
    return this.#queue.run({ deadlineMs: this.#longMs }, async (expired) => {
      if (this.#file.connected) await this.#file.check('none').catch(() => undefined)
      if (!this.#file.connected) await this.#connect(expired)
    })
  }

  /** If the configured folder has no card, searches other drives for the enrolled one by its serial number. */
  async #connect(expired: AbortSignal): Promise<void> {
    try {
      await this.#card.connect(expired)
    } catch (error) {
      if (!(await this.#isFoundElsewhere(expired))) throw error
    }
  }

  /** A different card is only asked for its serial number. */
  async #isFoundElsewhere(expired: AbortSignal): Promise<boolean> {
    const { path, enrolledSerial, mounts = mountedWith } = this.#options
    const serial = enrolledSerial?.()
    if (serial === undefined) return false
    for (const folder of (await mounts(IO_FILE)).filter((other) => other !== path).slice(0, MOUNTS_MAX)) {
      try {
        await this.#card.connect(expired, join(folder, IO_FILE))
        if ((await this.#card.keyFacts(expired)).serial.toString('hex') === serial) return true
      } catch {
        // No card of this kind, or no answer: try the next.
      }
      await this.#file.close()
    }
    return false
  }

  async close(): Promise<void> {
    await this.#queue.close()
    await this.#file.close()
  }

  /** The file of the card; if its folder has no such file, the mounted drives, one of which may be the card. */
  async look(): Promise<string | undefined> {
    return (await nodeMark(this.#file.path)) ?? (await mountsMark())
  }

  load(): QueueLoad {
    return this.#queue.load()
  }

  identity(): Promise<TseIdentity> {
    return this.#inspect(async (expired) => {
      const { serial, publicKey, algorithm } = await this.#card.keyFacts(expired)
      const certificates = await chainIn(bytesAt(await this.#card.ask('getCertificates', [], expired), 0), publicKey)
      const bsiId = bsiIdIn(await this.#card.certificationId(expired))
      return {
        ...{ serial: serial.toString('hex'), publicKey, algorithm, timeFormat: 'unixTime', certificates },
        ...(bsiId !== undefined && { bsiId }),
      }
    })
  }

  health(): Promise<TseHealth> {
    return this.#inspect(async (expired) => {
      const status = async (what: number): Promise<number> => numberAt(await this.#card.status(what, expired), 0)
      const lifeCycle = await status(4)
      const total = await status(5)
      const free = await status(6)
      const isInitialised = lifeCycle >= 2
      const keyData = isInitialised ? await this.#card.counters(expired) : { signatures: 0, expiresAtMs: 0 }
      return {
        memoryUsedPercent: total === 0 ? 0 : (100 * (total - free)) / total,
        signaturesLeft: SIGNATURES_MAX - keyData.signatures,
        certificateExpiresAtMs: keyData.expiresAtMs,
        clockSkewMs: this.#time.skewMs(),
        openTransactions: await status(1),
        maxOpenTransactions: numberAt(await this.#card.config(5, expired), 0),
        initialised: isInitialised,
        // 4 deactivated, 5 permanently.
        disabled: lifeCycle >= 4,
        selfTestDueInMs: undefined,
        refusedPin: await this.#logins.refusedPin(),
        description: await this.#card.description(expired),
      }
    })
  }

  start(clientId: string): Promise<TseSignature> {
    const parameters: Parameter[] = [{ type: 'text', value: clientId }, empty, { type: 'text', value: '' }, empty]
    return this.#sign('startTransaction', clientId, parameters, undefined)
  }

  finish(transaction: number, clientId: string, processType: string, processData: Uint8Array): Promise<TseSignature> {
    const parameters: Parameter[] = [
      { type: 'bytes', value: u32(transaction) },
      { type: 'text', value: clientId },
      { type: 'bytes', value: processData },
      { type: 'text', value: processType },
      empty,
    ]
    return this.#sign('finishTransaction', clientId, parameters, transaction)
  }

  /** For all clients: the card has no list by client. */
  openTransactions(_clientId?: string): Promise<readonly number[]> {
    return this.#perform(async (expired) => {
      const open = longsAt(await this.#card.status(2, expired), 0)
      if (open.length === 0) await this.#demandNoneCounted(expired)
      return open.toSorted((one, other) => one - other)
    })
  }

  /** Answers do not name their request: a late or unknown one must not pass for "none is open". */
  async #demandNoneCounted(expired: AbortSignal): Promise<void> {
    const count = await openCount(this.#card, expired)
    if (count > 0) throw new DeviceError('garbled', 'unknown', `${count} transactions are open and none was named`)
  }

  recall(transaction: number): Promise<TseRecall | undefined> {
    return this.#perform((expired) => recallOf(this.#card, transaction, expired), { deadlineMs: this.#longMs })
  }

  /** Searches the newest logs of the card, which a different command reads than the archive. */
  lastLog(transaction: number | undefined, client: string): Promise<TseSignature | undefined> {
    return this.#perform((expired) => newestLogOf(this.#card, transaction, client, expired), {
      deadlineMs: this.#longMs,
    })
  }

  remedy(remedy: Remedy): Promise<boolean> {
    return this.#queue.run({ deadlineMs: this.#longMs }, (expired) => this.#remedy(remedy, expired))
  }

  registerClient(clientId: string): Promise<void> {
    return this.#perform(
      async (expired) => {
        if ((await this.#mapped(expired)).includes(clientId)) return
        const { serial } = await this.#card.keyFacts(expired)
        const parameters: Parameter[] = [
          { type: 'text', value: clientId },
          { type: 'bytes', value: serial },
        ]
        await this.#logins.as('Admin', expired, () => this.#card.ask('mapErsToKey', parameters, expired))
      },
      { client: clientId },
    )
  }

  /** The card has no such command: a client once mapped stays mapped, which signs nothing. */
  async deregisterClient(_clientId: string): Promise<void> {}

  clients(): Promise<readonly string[]> {
    return this.#perform((expired) => this.#mapped(expired))
  }

  initialise(): Promise<void> {
    return this.#queue.run({ deadlineMs: this.#longMs }, async (expired) => {
      const timeMs = this.#time.now()
      await this.#card.connect(expired)
      await setUp(this.#card, this.#logins, this.#options.secrets, timeParameter(timeMs), expired)
      this.#time.told(timeMs)
    })
  }

  admit<T>(command: () => Promise<T>, isInit: boolean): Promise<T> {
    return this.#logins.admit(command, isInit)
  }

  /** The card runs its self-test when it is started. */
  selfTest(): Promise<void> {
    return this.#perform((expired) => this.#card.start(expired))
  }

  setTime(): Promise<void> {
    return this.#perform((expired) => this.#setTime(expired))
  }

  /** The whole archive is read in portions with sales in between; a filtered one in a single piece. */
  async *exportLogs(filter: TseExportFilter, signal?: AbortSignal, heldMs = this.#longMs): AsyncGenerator<Uint8Array> {
    const ask = <T>(act: (expired: AbortSignal) => Promise<T>): Promise<T> =>
      this.#perform(act, { deadlineMs: Math.min(heldMs, this.#longMs), signal })
    const { afterCounter, ...wanted } = filter
    if (Object.values(wanted).every((value) => value === undefined)) yield* portionsOf(this.#card, ask, afterCounter)
    else yield* archiveOf(this.#card, filter, ask, this.#options.gatheredBytesMax)
  }

  async archiveAndDelete(keep: TseKeep, signal?: AbortSignal): Promise<void> {
    const { lastCounter } = await keep(this.exportLogs({}, signal))
    await this.#perform((expired) => this.#deleteUpTo(lastCounter, expired), { deadlineMs: this.#longMs })
  }

  async #deleteUpTo(counter: number, expired: AbortSignal): Promise<void> {
    const { serial } = await this.#card.keyFacts(expired)
    const parameters: Parameter[] = [serial, u32(counter)].map((value) => ({ type: 'bytes', value }))
    const act = () => this.#card.ask('deleteDataUpTo', parameters, expired)
    await this.#logins.as('Admin', expired, act).catch(async (error: unknown) => {
      throw await keptForOpen(this.#card, error, expired)
    })
  }

  async #mapped(expired: AbortSignal): Promise<readonly string[]> {
    const [list] = await this.#card.ask('getErsMappings', [], expired)
    return list?.type === 'bytes' ? mappedClients(list.value) : []
  }

  #sign(
    name: CommandName,
    clientId: string,
    parameters: readonly Parameter[],
    transaction: number | undefined,
  ): Promise<TseSignature> {
    return this.#perform(
      async (expired) => {
        const { clock } = this.#options
        const sign = () => this.#signNow(name, parameters, transaction, expired)
        return signInTime(this.#time, clock, () => this.#setTime(expired), sign)
      },
      { client: clientId },
    )
  }

  async #signNow(
    name: CommandName,
    parameters: readonly Parameter[],
    transaction: number | undefined,
    expired: AbortSignal,
  ): Promise<TseSignature> {
    const answer = await this.#card.ask(name, parameters, expired).catch(async (error: unknown) => {
      throw await limitOf(this.#card, error, expired)
    })
    const at = transaction === undefined ? 1 : 0
    return {
      transaction: transaction ?? numberAt(answer, 0),
      signatureCounter: numberAt(answer, at),
      logTimeMs: numberAt(answer, at + 1) * 1000,
      signature: plainSignature(bytesAt(answer, at + 2)),
    }
  }

  async #setTime(expired: AbortSignal): Promise<void> {
    const timeMs = this.#time.now()
    const setTime = () => this.#card.ask('updateTime', [timeParameter(timeMs)], expired)
    await this.#logins.as('TimeAdmin', expired, () => unlessEnded(setTime))
    this.#time.told(timeMs)
  }

  #perform<T>(act: (expired: AbortSignal) => Promise<T>, command: Partial<Command> = {}): Promise<T> {
    return this.#queue.run({ deadlineMs: this.#replyMs, ...command }, (expired) => this.#recovering(act, expired, true))
  }

  /** A question that may also go to a card that is not enrolled yet: it writes nothing. */
  #inspect<T>(act: (expired: AbortSignal) => Promise<T>): Promise<T> {
    return this.#queue.run({ deadlineMs: this.#replyMs }, (expired) => this.#recovering(act, expired, false))
  }

  /** Starts the card and sets its time if it demands that. A refusal did nothing, so the act is repeated. */
  async #recovering<T>(act: (expired: AbortSignal) => Promise<T>, expired: AbortSignal, setsTime: boolean): Promise<T> {
    if (!this.#file.connected) throw new DeviceError('unavailable', 'none', `${this.#options.id} is not open`)
    return recovering(
      () => act(expired),
      (error) => this.#recover(error, expired, setsTime),
      RECOVERIES_MAX,
    )
  }

  async #recover({ code }: DeviceError, expired: AbortSignal, setsTime: boolean): Promise<boolean> {
    if (code === 'self_test_due') return this.#remedy('self_test', expired)
    return code === 'time_not_set' && setsTime ? this.#remedy('time', expired) : false
  }

  /** Each refusal also drops the rest, so nothing is left to release. The agent registers lost clients again. */
  async #remedy(remedy: Remedy, expired: AbortSignal): Promise<boolean> {
    switch (remedy) {
      case 'log_in_time_admin':
        await this.#logins.logIn('TimeAdmin', expired)
        return true
      case 'log_in_admin':
        await this.#logins.logIn('Admin', expired)
        return true
      case 'log_out':
        for (const user of ['TimeAdmin', 'Admin'] as const) await this.#logins.logOut(user, expired)
        return true
      case 'reopen':
        return this.#reopen(expired)
      case 'self_test':
        await this.#card.start(expired)
        return true
      case 'time':
        await this.#setTime(expired)
        return true
      case 'release':
      case 'client':
        return false
    }
  }

  /** Reopens the line to the same card, or closes it. */
  async #reopen(expired: AbortSignal): Promise<boolean> {
    const before = this.#options.enrolledSerial?.()
    await this.#file.close()
    await this.#connect(expired)
    const { serial } = await this.#card.keyFacts(expired)
    if (before === undefined || serial.toString('hex') === before) return true
    await this.#file.close()
    throw new DeviceError('foreign', 'none', 'a different card replaced it')
  }

  get #replyMs(): number {
    return this.#options.timeouts?.replyMs ?? 5000
  }

  get #longMs(): number {
    return this.#options.timeouts?.longMs ?? 120_000
  }
}

function timeParameter(ms: number): Parameter {
  return { type: 'bytes', value: u32(Math.floor(ms / 1000)) }
}
