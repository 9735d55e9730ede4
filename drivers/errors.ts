/** What became of the act: `none` the device certainly did nothing, `unknown` it may have acted and must be asked. */
export type Effect = 'none' | 'unknown'

/**
 * What can be done about a refusal (drivers/ladder.ts). Each code in the table of a driver has one; `pin`, `final` and
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
  | 'unavailable' // not there, unplugged, not answering: the outage rule of the law applies
  | 'timeout' // no (complete) answer within the deadline
  | 'garbled' // an answer that is not one
  | 'busy' // the device or its queue takes no more now
  | 'aborted' // the caller gave up before the act began, or the device is being closed
  | 'foreign' // another device than the one enrolled
  | 'not_named' // it is not the unit that stands in what it was to sign: another one took its place since
  | 'tse_ahead' // it has signed more than the memory knows that is kept for it: a technician goes on above that
  | 'refused' // any other explicit refusal
  | 'not_initialised'
  | 'self_test_due'
  | 'time_not_set'
  | 'clock_suspect' // the clock of this machine is not to be trusted: nothing is told or signed
  | 'certificate_expired'
  | 'memory_full'
  | 'signatures_exhausted'
  | 'disabled'
  | 'client_unknown'
  | 'client_limit'
  | 'transaction_unknown'
  | 'open_transactions_full'
  | 'data_too_long'
  | 'not_authorised'
  | 'pin_wrong'
  | 'pin_locked'
  | 'no_data'
  | 'unexported_data'
  | 'export_running'
  | 'paper_out'
  | 'cover_open'
  | 'closure_due' // the printer's period is open for more than 24 hours, or has all the documents that it can
  | 'nothing_to_close' // nothing was printed since the last closure, and the printer makes no second one
  | 'transmission_due' // too many files wait for the tax office
  | 'out_of_service'
  | 'clock_wrong'
  | 'department_unknown' // no department of the printer for this rate or natura
  | 'document_unknown' // the referenced document is not there
  | 'document_reversed' // already voided or returned
  | 'amount_exceeded' // more than is left of the referenced document
  | 'annulment_due' // a sale stands in the place of a return, and the printer does not annul it
  | 'print_unresolved' // what became of an act the device cannot tell any more: a person must

/**
 * The only error a driver throws. `effect` decides what may follow: `none` may be fixed and repeated,
 * `unknown` must be settled by a question to the device (never repeated blindly).
 */
export class DeviceError extends Error {
  override readonly name = 'DeviceError'
  readonly code: DeviceErrorCode
  readonly effect: Effect
  /** The device's own error code or text, for the technician. Never a PIN or key. */
  readonly deviceCode: string | undefined
  /** Of a return: numbers of sales that came out in its place, and were annulled before it failed. */
  readonly annulled: readonly string[]
  /** As the table of the driver has it; undefined for an error that the driver itself noticed. */
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

  /** The same failure, with some of it told otherwise. */
  toldAs(changed: Partial<Pick<DeviceError, 'code' | 'effect' | 'message' | 'annulled'>>): DeviceError {
    const { code, effect, message, annulled } = { ...this, message: this.message, ...changed }
    const refusalClass = code === this.code ? this.refusalClass : undefined
    return new DeviceError(code, effect, message, this.deviceCode, annulled, refusalClass)
  }
}

/** Its turn did not come: the device was never asked, and said nothing. Where one says itself that it is busy it bears a code. */
export function isUnasked(error: unknown): boolean {
  return error instanceof DeviceError && error.code === 'busy' && error.deviceCode === undefined
}

/** A device that is not reached at all. A line that is open and slow is not silent. */
export function isSilence(code: string): boolean {
  return code === 'unavailable'
}

/** What is asked of a device that is closed, or is being closed: nothing reaches it. */
export function beingClosed(): DeviceError {
  return new DeviceError('aborted', 'none', 'the device is being closed')
}

/** The same error, told with that effect; what is no DeviceError stays as it is. */
export function withEffect(error: unknown, effect: Effect): unknown {
  return error instanceof DeviceError && error.effect !== effect ? error.toldAs({ effect }) : error
}

/** What the system or a library calls it: `ENOENT`, `EIO`. */
export function errorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined
}
