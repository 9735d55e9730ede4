/**
 * The effect of a failed act: `none` the device certainly did nothing, `unknown` it may have acted and must be asked.
 */
export type Effect = 'none' | 'unknown'

/**
 * The kind of remedy for a refusal (drivers/ladder.ts). Each code in the table of a driver has one; `pin`, `final` and
 * `nothing` have no remedy, `unknown` means that no source explains the code.
 */
export type RefusalClass =
  | 'away'
  | 'busy'
  | 'export'
  | 'authentication'
  | 'client'
  | 'self_test'
  | 'time'
  | 'order'
  | 'nothing'
  | 'final'
  | 'pin'
  | 'unknown'

/** Stable codes; a driver maps its device's own errors onto these and keeps the original in `deviceCode`. */
export type DeviceErrorCode =
  | 'unavailable' // unplugged, not answering: the outage rule of the law applies
  | 'timeout' // no (complete) answer within the deadline
  | 'garbled' // an invalid answer
  | 'busy' // the device or its queue accepts no command now
  | 'aborted' // the caller cancelled before the act began, or the device is being closed
  | 'foreign' // another device than the one enrolled
  | 'not_named' // a different unit than the one named in the message to sign: it was replaced since
  | 'tse_ahead' // it has signed more than its memory contains: a technician continues above that
  | 'refused' // any other explicit refusal
  | 'not_initialised'
  | 'self_test_due'
  | 'time_not_set'
  | 'clock_suspect' // the clock of this machine is suspect: no time is set and nothing is signed
  | 'certificate_expired'
  | 'memory_full'
  | 'signatures_exhausted'
  | 'disabled'
  | 'client_unknown'
  | 'client_limit'
  | 'transaction_unknown'
  | 'open_transactions_full'
  | 'transactions_open' // the unit does not delete its logs while transactions are open
  | 'data_too_long'
  | 'not_authorised'
  | 'pin_wrong'
  | 'pin_locked'
  | 'no_data'
  | 'unexported_data'
  | 'export_running'
  | 'paper_out'
  | 'cover_open'
  | 'closure_due' // the printer's period is open for more than 24 hours, or has its maximum of documents
  | 'nothing_to_close' // nothing was printed since the last closure, and the printer makes no second one
  | 'transmission_due' // too many files are waiting for the tax office
  | 'out_of_service'
  | 'clock_wrong'
  | 'department_unknown' // no department of the printer for this rate or natura
  | 'document_unknown' // the referenced document was not found
  | 'document_reversed' // already voided or returned
  | 'amount_exceeded' // more than the rest of the referenced document
  | 'annulment_due' // a sale was printed instead of a return, and the printer does not annul it
  | 'print_unresolved' // the device can no longer report the outcome of an act: a person must

/**
 * The only error that a driver throws. `effect` decides how to continue: `none` may be fixed and repeated, `unknown`
 * must be reconciled by a question to the device (never repeated blindly).
 */
export class DeviceError extends Error {
  override readonly name = 'DeviceError'
  readonly code: DeviceErrorCode
  readonly effect: Effect
  /** The device's own error code or text, for the technician. Never a PIN or key. */
  readonly deviceCode: string | undefined
  /** For a return: numbers of sales that were printed instead, and were annulled before it failed. */
  readonly annulled: readonly string[]
  /** From the table of the driver; undefined for an error that the driver itself detected. */
  readonly refusalClass: RefusalClass | undefined

  constructor(
    code: DeviceErrorCode,
    effect: Effect,
    message: string,
    deviceCode?: string,
    annulled: readonly string[] = [],
    refusalClass?: RefusalClass,
  ) {
    super(message)
    this.code = code
    this.effect = effect
    this.deviceCode = deviceCode
    this.annulled = annulled
    this.refusalClass = refusalClass
  }

  /** The same failure with some members changed. */
  toldAs(changed: Partial<Pick<DeviceError, 'code' | 'effect' | 'message' | 'annulled'>>): DeviceError {
    const { code, effect, message, annulled } = { ...this, message: this.message, ...changed }
    const refusalClass = code === this.code ? this.refusalClass : undefined
    return new DeviceError(code, effect, message, this.deviceCode, annulled, refusalClass)
  }
}

/** The unit of another id was found before a login: no PIN is sent to it. */
export class OtherUnitError extends DeviceError {
  readonly serial: string

  constructor(serial: string, message: string) {
    super('foreign', 'none', message)
    this.serial = serial
  }
}

/**
 * The command got no slot in time: the device was never asked. If a device itself reports that it is busy, the error
 * has a device code.
 */
export function isUnasked(error: unknown): boolean {
  return error instanceof DeviceError && error.code === 'busy' && error.deviceCode === undefined
}

/** The line to the device broke or was never open. An open but slow line is not silent. */
export function isSilence(code: string): boolean {
  return code === 'unavailable'
}

/** The error of a request to a device that is closed or being closed: nothing reaches it. */
export function beingClosed(): DeviceError {
  return new DeviceError('aborted', 'none', 'the device is being closed')
}

/** The same error with that effect; any error other than a DeviceError is returned unchanged. */
export function withEffect(error: unknown, effect: Effect): unknown {
  return error instanceof DeviceError && error.effect !== effect ? error.toldAs({ effect }) : error
}

/** The code of a system or library error: `ENOENT`, `EIO`. */
export function errorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined
}
