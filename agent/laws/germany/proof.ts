import type { KeyObject } from 'node:crypto'
import { DeviceError } from '../../../drivers/errors.ts'
import type { Tse, TseIdentity, TseLog, TseSignature } from '../../../drivers/ports/tse.ts'
import { findCurve, serialOfPoint, verifyPlain, verifyPlainAside } from '../../../drivers/tr03151/ecdsa.ts'
import type { TransactionOperation } from '../../../drivers/tr03151/log-message.ts'
import { formsOf, transactionPart } from '../../../drivers/tr03151/log-message.ts'
import type { LogTimeFormat } from '../../../drivers/tr03151/log-time.ts'
import { MalformedError } from '../../../drivers/tr03151/malformed.ts'

/** What was to be signed. */
export type Asked = {
  operation: Exclude<TransactionOperation, 'Update'>
  clientId: string
  processType: string
  processData: Uint8Array
  /** Undefined where the unit gives the number. */
  transaction: number | undefined
}

/**
 * Whether a TSE has signed what it was asked to, with its own key. An answer has no check sum on every line, and whoever
 * scans a receipt finds out: so the log is rebuilt from what was asked and answered, as the scanner does, and verified.
 */
export class SignatureProof {
  /** Units whose logs hold and are other than rebuilt, by serial number and operation: there an answer proves nothing. */
  readonly #unlike = new Set<string>()
  /** By serial number; undefined for a key on a curve that is not known here. */
  readonly #keys = new Map<string, KeyObject | undefined>()

  /** Throws `garbled` unknown for an answer that does not hold: the unit's own log tells what became of it. */
  async demand(asked: Asked, signature: TseSignature, identity: TseIdentity, { vouches }: Tse): Promise<void> {
    const flaw = flawOf(asked, signature)
    if (flaw !== undefined) throw new DeviceError('garbled', 'unknown', `the TSE answered ${flaw}`)
    if (vouches === true || this.#unlike.has(keyOf(asked, identity))) return
    if (!(await this.#isRight(rebuilt(asked, signature, identity), signature, identity)))
      throw new DeviceError(
        'garbled',
        'unknown',
        'the signature that the TSE answered does not fit what was to be signed',
      )
  }

  /** Of a log as the unit keeps it. */
  async holds(asked: Asked, log: TseLog, identity: TseIdentity): Promise<boolean> {
    if (flawOf(asked, log) !== undefined) return false
    const looksRight = await this.#isRight(rebuilt(asked, log, identity), log, identity)
    if (looksRight || log.signedPart === undefined) return looksRight
    if (!(await this.#isRight([log.signedPart], log, identity))) return false
    this.#unlike.add(keyOf(asked, identity))
    return true
  }

  /** Of an answer that shows nothing but a signature: it holds over what was asked, or it proves nothing. */
  async proves(asked: Asked, { signedPart: _signedPart, ...log }: TseLog, identity: TseIdentity): Promise<boolean> {
    const parts = rebuilt(asked, log, identity)
    if (flawOf(asked, log) !== undefined || this.#keyOf(identity) === undefined || parts.length === 0) return false
    return this.#isRight(parts, log, identity)
  }

  /** True also where nothing can be said: the curve, the algorithm or the form of the time is not known here. */
  async #isRight(parts: readonly Uint8Array[], { signature }: TseSignature, identity: TseIdentity): Promise<boolean> {
    const key = this.#keyOf(identity)
    if (key === undefined || parts.length === 0) return true
    for (const part of parts) if (await verified(key, identity.algorithm, part, signature)) return true
    return false
  }

  #keyOf({ serial, publicKey }: TseIdentity): KeyObject | undefined {
    if (!this.#keys.has(serial)) this.#keys.set(serial, keyOn(publicKey))
    return this.#keys.get(serial)
  }
}

const keyOf = ({ operation }: Asked, { serial }: TseIdentity): string => `${serial} ${operation}`

/** P-256 is verified in 0.06 ms, less than a trip to the thread pool costs a busy agent; the other curves would hold it up. */
const verified = (
  key: KeyObject,
  algorithm: string,
  part: Uint8Array,
  signature: Uint8Array,
): boolean | Promise<boolean> =>
  key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
    ? verifyPlain(key, algorithm, part, signature)
    : verifyPlainAside(key, algorithm, part, signature)

const keyOn = (point: Uint8Array): KeyObject | undefined => {
  try {
    return findCurve(point).key
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return undefined
  }
}

const flawOf = (asked: Asked, signature: TseSignature): string | undefined => {
  const { transaction, signatureCounter, logTimeMs } = signature
  if (!isNumber(transaction) || (asked.transaction !== undefined && asked.transaction !== transaction))
    return `for transaction ${transaction}`
  if (!isNumber(signatureCounter)) return `with signature counter ${signatureCounter}`
  return isNumber(logTimeMs) ? undefined : `with the time ${logTimeMs}`
}

const isNumber = (value: number): boolean => Number.isSafeInteger(value) && value > 0

/** In all forms; some devices leave the empty processType out of a start. */
const rebuilt = (asked: Asked, signature: TseSignature, identity: TseIdentity): readonly Uint8Array[] => {
  const { operation, clientId, processType, processData } = asked
  const { transaction, signatureCounter: counter, logTimeMs: timeMs } = signature
  const { publicKey, algorithm } = identity
  const own = { operation, clientId, processType, processData, transaction, counter, timeMs, algorithm }
  const frame = { ...own, serial: serialOfPoint(publicKey) }
  try {
    return formsOf(identity.timeFormat as LogTimeFormat).flatMap((form) =>
      (operation === 'Start' ? [false, true] : [false]).map((omitProcessType) =>
        transactionPart({ ...frame, ...form, omitProcessType }),
      ),
    )
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return []
  }
}
