import type { KeyObject } from 'node:crypto'
import { DeviceError } from '../../../drivers/errors.ts'
import type { Tse, TseIdentity, TseLog, TseSignature } from '../../../drivers/ports/tse.ts'
import { findCurve, serialOfPoint, verifyPlain, verifyPlainAside } from '../../../drivers/tr03151/ecdsa.ts'
import type { TransactionOperation } from '../../../drivers/tr03151/log-message.ts'
import { formsOf, transactionPart } from '../../../drivers/tr03151/log-message.ts'
import type { LogTimeFormat } from '../../../drivers/tr03151/log-time.ts'
import { MalformedError } from '../../../drivers/tr03151/malformed.ts'

/** The data that was to be signed. */
export type Asked = {
  operation: Exclude<TransactionOperation, 'Update'>
  clientId: string
  processType: string
  processData: Uint8Array
  /** Undefined if the unit assigns the number. */
  transaction: number | undefined
}

/**
 * Verifies that a TSE signed what it was asked to sign, with its own key. Answers do not have a check sum on every
 * line, and a faulty one would be found only when a receipt is scanned. So the log is rebuilt from request and answer,
 * as a scanner does, and verified.
 */
export class SignatureProof {
  /**
   * By serial number and operation: stored logs are valid but differ from the rebuilt form, so an answer proves
   * nothing.
   */
  readonly #unlike = new Set<string>()
  /** By serial number; undefined for a key on an unsupported curve. */
  readonly #keys = new Map<string, KeyObject | undefined>()

  /** Throws `garbled` with effect unknown for an invalid signature: the unit's own log decides the outcome. */
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

  /** Verifies a log as the unit stores it. */
  async holds(asked: Asked, log: TseLog, identity: TseIdentity): Promise<boolean> {
    if (flawOf(asked, log) !== undefined) return false
    const looksRight = await this.#isRight(rebuilt(asked, log, identity), log, identity)
    if (looksRight || log.signedPart === undefined) return looksRight
    if (!(await this.#isRight([log.signedPart], log, identity))) return false
    this.#unlike.add(keyOf(asked, identity))
    return true
  }

  /** Verifies an answer that has only a signature: it must be valid for the requested data. */
  async proves(asked: Asked, { signedPart: _signedPart, ...log }: TseLog, identity: TseIdentity): Promise<boolean> {
    const parts = rebuilt(asked, log, identity)
    if (flawOf(asked, log) !== undefined || this.#keyOf(identity) === undefined || parts.length === 0) return false
    return this.#isRight(parts, log, identity)
  }

  /** True also if nothing can be verified: curve, algorithm or time format are not supported. */
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

function keyOf({ operation }: Asked, { serial }: TseIdentity): string {
  return `${serial} ${operation}`
}

/** P-256 takes 0.06 ms, less than a trip to the thread pool of a busy agent; other curves would block it. */
function verified(
  key: KeyObject,
  algorithm: string,
  part: Uint8Array,
  signature: Uint8Array,
): boolean | Promise<boolean> {
  return key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
    ? verifyPlain(key, algorithm, part, signature)
    : verifyPlainAside(key, algorithm, part, signature)
}

function keyOn(point: Uint8Array): KeyObject | undefined {
  try {
    return findCurve(point).key
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return undefined
  }
}

function flawOf(asked: Asked, signature: TseSignature): string | undefined {
  const { transaction, signatureCounter, logTimeMs } = signature
  if (!isNumber(transaction) || (asked.transaction !== undefined && asked.transaction !== transaction))
    return `for transaction ${transaction}`
  if (!isNumber(signatureCounter)) return `with signature counter ${signatureCounter}`
  return isNumber(logTimeMs) ? undefined : `with the time ${logTimeMs}`
}

function isNumber(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0
}

/** In all forms; some devices omit the empty processType from a start. */
function rebuilt(asked: Asked, signature: TseSignature, identity: TseIdentity): readonly Uint8Array[] {
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
