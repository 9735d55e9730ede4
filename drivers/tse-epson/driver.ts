import type { UnitPortions } from '../called-tse.ts'
import { CalledTse } from '../called-tse.ts'
import { DeviceError } from '../errors.ts'
import { PORTION_MAX_BYTES } from '../portioned-export.ts'
import type { Tse, TseExportFilter, TseHealth, TseIdentity, TseKeep, TseRecall, TseSignature } from '../ports/tse.ts'
import { recovering } from '../recovering.ts'
import { algorithmSpelled } from '../tr03151/algorithms.ts'
import { bsiIdIn } from '../tr03151/bsi-id.ts'
import { pointOfKey, serialOfPoint } from '../tr03151/ecdsa.ts'
import { chainIn, recallFromArchive } from '../tr03151/recall.ts'
import { bytesIn, textIn, textOr } from './codec.ts'
import type { Session } from './host-line.ts'
import { HostLine } from './host-line.ts'
import type { EpsonOptions } from './options.ts'
import { SessionFile } from './session-file.ts'
import { EpsonUnit } from './unit.ts'
import { exportFunction } from './values.ts'

const RECOVERIES_MAX = 4
const REFUSES_AFTER_SLEEP = 'TSE1_ERROR_NOT_AUTHORIZED'
const EXPORT_WANTS_TIME = 'OTHER_ERROR_NO_TIME_SET_BEFORE_EXPORT'
/** The limit for a portion that no till waits for: each one searches the whole memory. */
const PORTION_MAX_MS = 1_800_000

/** Epson TSE with its host: JSON functions in ePOS-Device XML over TCP. During an export it serves nothing else. */
export class EpsonTse extends CalledTse<EpsonUnit> implements Tse {
  readonly exportsExclusively = true
  readonly #id: string
  readonly #line: HostLine
  /** From the last answer. */
  #serial: string | undefined

  constructor(options: EpsonOptions) {
    const { id, link, deviceId, clock, time, timeouts, directory, secrets } = options
    const { replyMs, longMs } = timeouts
    const file = new SessionFile(directory)
    const keep = (session: Session | undefined) => file.keep(session)
    const line = new HostLine({ link, deviceId, clock, replyMs, keep, storedSession: () => file.read() })
    const unit = new EpsonUnit(line, secrets, longMs, directory, clock)
    const deadlineMs = RECOVERIES_MAX * replyMs + longMs
    const deadlines = { askMs: deadlineMs, inspectMs: deadlineMs, remedyMs: deadlineMs }
    super({ unit, clock, time, deadlines, recoveriesMax: { ask: RECOVERIES_MAX, inspect: 1 } })
    this.#id = id
    this.#line = line
  }

  open(): Promise<void> {
    return this.queue.run({ deadlineMs: this.deadlines.askMs }, () => this.#line.connect())
  }

  async close(): Promise<void> {
    await this.queue.close(() => this.#line.close())
    await this.#line.close()
  }

  identity(): Promise<TseIdentity> {
    return this.inspect(async () => {
      const facts = await this.unit.facts()
      const publicKey = pointOfKey(bytesIn(facts, 'tsePublicKey'))
      const serial = serialOfPoint(publicKey).toString('hex')
      this.#serial = serial
      const bsiId = bsiIdIn(textOr(facts, 'tseDescription', ''))
      return {
        serial,
        publicKey,
        algorithm: algorithmSpelled(textIn(facts, 'signatureAlgorithm')),
        timeFormat: await this.unit.logTimeFormat(),
        certificates: await chainIn(await this.unit.certificates(), publicKey),
        ...(bsiId !== undefined && { bsiId }),
      }
    })
  }

  /** Does not end an export. */
  health(): Promise<TseHealth> {
    return this.healthBeside(this.unit.exporting !== undefined, () => this.unit.health(this.time.skewMs()))
  }

  recall(transaction: number, client?: string): Promise<TseRecall | undefined> {
    return this.perform(
      async () => {
        const archive = await this.unit.archiveOf(transaction)
        return archive && recallFromArchive(archive, transaction)
      },
      { client },
    )
  }

  lastLog(transaction: number | undefined, client: string): Promise<TseSignature | undefined> {
    return this.perform(async () => {
      const last = await this.unit.lastSigned(client)
      return transaction === undefined || last?.transaction === transaction ? last : undefined
    })
  }

  /** Also logs the client in, so that its first sale does not wait for that. */
  protected override async register(clientId: string): Promise<void> {
    await super.register(clientId)
    await this.unit.logInTimeAdmin(clientId)
  }

  initialise(): Promise<void> {
    return this.perform(async () => {
      this.time.demand()
      await this.unit.setUp()
      await this.giveTime()
    })
  }

  /** Each piece waits in the queue; a sale in between ends the export: `export_running` none. */
  async *exportLogs(filter: TseExportFilter, signal?: AbortSignal, heldMs?: number): AsyncGenerator<Uint8Array> {
    const own = await this.perform(() => this.unit.beginExport(...exportFunction(filter), heldMs), { signal })
    try {
      yield* this.#pieces(own, signal, heldMs)
      await this.turn({ deadlineMs: this.deadlines.askMs }, async () => {
        if (this.unit.exporting === own) await this.unit.endExport('FinalizeExport')
      })
    } finally {
      await this.#giveUp(own)
    }
  }

  exportInPortions(filter: TseExportFilter, after: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    return this.portioned(this.#portions, filter, after, signal)
  }

  get #portions(): UnitPortions {
    return {
      deadlineMs: this.deadlines.askMs + PORTION_MAX_MS,
      last: () => this.unit.last(),
      portion: (filter, isWaitedFor) => this.unit.portion(filter, PORTION_MAX_BYTES, isWaitedFor),
    }
  }

  /** The device stays in export mode until it has deleted; a sale in between ends both. */
  async archiveAndDelete(keep: TseKeep, signal?: AbortSignal): Promise<void> {
    const own = await this.perform(() => this.unit.beginExport(...exportFunction({})), { signal })
    try {
      await keep(this.#pieces(own, signal))
      await this.turn({ deadlineMs: this.deadlines.askMs }, async () => {
        if (this.unit.exporting !== own) throw ended()
        await this.unit.deleteExported()
      })
    } finally {
      await this.#giveUp(own)
    }
  }

  async *#pieces(own: number, signal: AbortSignal | undefined, heldMs?: number): AsyncGenerator<Uint8Array> {
    for (let isLast = false; !isLast; ) {
      const piece = await this.turn({ deadlineMs: this.deadlines.askMs, signal }, () => {
        if (this.unit.exporting !== own) throw ended()
        return this.unit.exportPiece(heldMs)
      })
      isLast = piece.isLast
      yield piece.bytes
    }
  }

  async #giveUp(own: number): Promise<void> {
    const cancel = async (): Promise<void> => {
      if (this.unit.exporting === own) await this.unit.endExport('CancelExport')
    }
    await this.turn({ deadlineMs: this.deadlines.askMs }, cancel).catch(() => undefined)
  }

  protected async beReady(): Promise<void> {
    if (!(await this.#line.recover())) throw new DeviceError('unavailable', 'none', `${this.#id} is not open`)
    await this.unit.endExport('CancelExport')
  }

  /** Runs the self-test, sets the time or logs in on demand. */
  protected async recover({ code, deviceCode }: DeviceError, client: string | undefined): Promise<boolean> {
    if (code === 'self_test_due') await this.unit.selfTest()
    else if (deviceCode === EXPORT_WANTS_TIME) await this.giveTimeToExport(() => this.unit.last())
    else if (code === 'time_not_set') await this.giveTime()
    else if (code === 'export_running') await this.unit.cancelExport()
    else if (deviceCode === 'OTHER_ERROR_UNAUTHENTICATED_TIME_ADMIN_USER' && client)
      await recovering(
        () => this.unit.logInTimeAdmin(client),
        (error) => this.recover(error, undefined),
        RECOVERIES_MAX,
      )
    else return false
    return true
  }

  /**
   * An export that is still running was left, since the TSE serves one host at a time; it would block every question
   * for another 100 s. After a sleep of its host the TSE answers nothing until it was tested.
   */
  protected async recoverInspection({ code, deviceCode }: DeviceError): Promise<boolean> {
    if (code === 'export_running') await this.unit.cancelExport()
    else if (deviceCode === REFUSES_AFTER_SLEEP) await this.unit.test()
    else return false
    return true
  }

  protected async reopen(): Promise<boolean> {
    await this.#line.reopen()
    const serial = serialOfPoint(pointOfKey(bytesIn(await this.unit.facts(), 'tsePublicKey'))).toString('hex')
    if (this.#serial !== undefined && serial !== this.#serial) {
      await this.#line.close()
      throw new DeviceError('foreign', 'none', 'another TSE is at the host')
    }
    return true
  }
}

function ended(): DeviceError {
  return new DeviceError('export_running', 'none', 'a sale ended the export')
}
