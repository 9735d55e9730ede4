import { DeviceError } from '../errors.ts'
import type { TseSignature } from '../ports/tse.ts'
import { serialOfPoint } from '../tr03151/ecdsa.ts'
import type { LogFrame, TransactionEntry } from '../tr03151/log-message.ts'
import { auditPart, systemPart, transactionPart } from '../tr03151/log-message.ts'
import type { SystemOperation } from '../tr03151/system-log.ts'
import { skippedAudit } from '../tr03151/system-log.ts'
import type { DeviceClock } from './device-clock.ts'
import type { SeLimits } from './limits.ts'
import type { LogWriter, StateChange } from './log-writer.ts'
import { stateExplained } from './state.ts'
import type { SeSigner } from './store.ts'

export type LogMessagesOptions = {
  log: LogWriter
  clock: DeviceClock
  signer: SeSigner
  limits: SeLimits
}

/** The format of every element in software. */
export const TIME_FORMAT = 'unixTime'

/** A time with the resolution of the logs. */
export function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000
}

/**
 * The log messages of an element: each gets the next signature counter and the element's time, is signed and stored.
 */
export class LogMessages {
  readonly #log: LogWriter
  readonly #clock: DeviceClock
  readonly #signer: SeSigner
  readonly #serial: Buffer
  readonly #limits: SeLimits

  constructor({ log, clock, signer, limits }: LogMessagesOptions) {
    this.#log = log
    this.#clock = clock
    this.#signer = signer
    this.#serial = serialOfPoint(signer.publicKey)
    this.#limits = limits
  }

  /** Throws `certificate_expired` unknown for a log that was signed and stored anyway. */
  async transaction(log: TransactionEntry): Promise<TseSignature> {
    const frame = await this.#nextFrame()
    const { operation, transaction, clientId } = log
    const { counter, timeMs } = frame
    const stored = { counter, kind: 'Tra' as const, operation, transaction, clientId, timeMs }
    const signature = await this.#log.write(stored, transactionPart({ ...frame, ...log }))
    // TR-03151 §4.1.1.3: the log is stored before the error is raised.
    if (timeMs > this.#signer.certificateExpiresAtMs)
      throw new DeviceError('certificate_expired', 'unknown', 'the certificate has expired', 'ErrorCertificateExpired')
    return { transaction, signatureCounter: counter, logTimeMs: timeMs, signature }
  }

  /** `change`: the effect of the log on the state, if the log does not contain it. */
  async system({ operation, data }: SystemOperation, change?: StateChange): Promise<void> {
    await this.#log.settle()
    const frame = await this.#nextFrame()
    const { counter, timeMs } = frame
    const log = { counter, kind: 'Sys' as const, operation, transaction: undefined, clientId: undefined, timeMs }
    await this.#log.write(log, systemPart(operation, data, frame), change)
  }

  /** After the audit log of a gap in the counters, if there is one (TR-03153-1 §9.2). */
  async #nextFrame(): Promise<LogFrame> {
    const frame = this.#frame()
    const { passedOver } = this.#log.state()
    if (passedOver === undefined) return frame
    const { counter, timeMs } = frame
    const log = { counter, kind: 'Aud' as const, operation: '', transaction: undefined, clientId: undefined, timeMs }
    await this.#log.write(log, auditPart(skippedAudit(passedOver), frame), stateExplained)
    return this.#frame()
  }

  #frame(): LogFrame {
    const { signatures, memoryBytes } = this.#limits
    const { signatureCounter, usedBytes, lastTimeMs } = this.#log.state()
    if (signatureCounter >= signatures)
      throw new DeviceError('signatures_exhausted', 'none', `all ${signatures} signatures are used up`)
    if (usedBytes >= memoryBytes)
      throw new DeviceError('memory_full', 'none', 'the memory is full: export and delete', 'ErrorStorageFailure')
    return {
      serial: this.#serial,
      algorithm: this.#signer.algorithm,
      counter: signatureCounter + 1,
      timeFormat: TIME_FORMAT,
      timeMs: wholeSeconds(this.#clock.now(lastTimeMs)),
    }
  }
}
