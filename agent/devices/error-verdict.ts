import type { DeviceError } from '../../drivers/errors.ts'
import type { DeviceUnit } from '../../drivers/ports/device.ts'

/** The clock of this machine is not reliable: a TSE signs nothing with it. */
export const CLOCK_SUSPECT = 'clock_suspect'
/** Another device than this journal's, a retired one, or one with more or fewer signatures than the journal. */
const CODES_OF_ANOTHER: readonly string[] = ['foreign', 'retired', 'tse_ahead', 'tse_rolled_back']
/** Conditions after which the device is not used until a probe succeeds. */
const OUTAGE_CODES = new Set([
  'unavailable',
  'timeout',
  'garbled',
  ...CODES_OF_ANOTHER,
  'not_initialised',
  'disabled',
  'pin_wrong',
  'pin_locked',
  'self_test_due',
  'time_not_set',
  CLOCK_SUSPECT,
  'paper_out',
  'cover_open',
  'out_of_service',
])
/** A signature card that refuses for another reason than these cannot sign: that is its outage (§ 17 RKSV). */
const BUSY_CODES = new Set(['busy', 'aborted'])

/** Within the window, an attempt that fails so is followed by the next one; any other failure ends the window. */
const PASSING_CODES = new Set(['unavailable', 'timeout', 'garbled', 'busy', 'aborted'])

export function mayPass(code: string): boolean {
  return PASSING_CODES.has(code)
}

/** True if the device is down after that error of an act; else the act alone was refused. */
export function isOutage(
  kind: DeviceUnit['kind'],
  { code, effect }: { readonly code: string; readonly effect: DeviceError['effect'] },
): boolean {
  // A printer that may have an unknown document is queried before it is used again.
  const mustBeAsked = effect === 'unknown' && kind === 'fiscal_printer'
  const cannotSign = kind === 'signature_card' && !BUSY_CODES.has(code)
  return OUTAGE_CODES.has(code) || mustBeAsked || cannotSign
}

/** True if the connected device must not be used, or no longer. */
export function isOfAnother(code: string): boolean {
  return CODES_OF_ANOTHER.includes(code)
}
