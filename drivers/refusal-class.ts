import type { DeviceErrorCode, Effect, RefusalClass } from './errors.ts'
import { DeviceError } from './errors.ts'

/** One row of a driver's table of codes: the compiler demands a class for each. */
export type Meaning = readonly [of: RefusalClass, code: DeviceErrorCode, effect: Effect, message: string]

/** The class of an error that is not from a device's table: the driver itself detected it. */
const CLASS_OF_CODE: Readonly<Record<DeviceErrorCode, RefusalClass>> = {
  unavailable: 'away',
  timeout: 'away',
  garbled: 'away',
  busy: 'busy',
  aborted: 'final',
  foreign: 'final',
  not_named: 'final',
  tse_ahead: 'final',
  refused: 'final',
  not_initialised: 'final',
  self_test_due: 'self_test',
  time_not_set: 'time',
  clock_suspect: 'final',
  certificate_expired: 'final',
  memory_full: 'final',
  signatures_exhausted: 'final',
  disabled: 'final',
  client_unknown: 'client',
  client_limit: 'final',
  transaction_unknown: 'nothing',
  open_transactions_full: 'final',
  transactions_open: 'final',
  data_too_long: 'final',
  not_authorised: 'authentication',
  pin_wrong: 'pin',
  pin_locked: 'pin',
  no_data: 'nothing',
  unexported_data: 'final',
  export_running: 'export',
  paper_out: 'final',
  cover_open: 'final',
  closure_due: 'final',
  nothing_to_close: 'nothing',
  transmission_due: 'final',
  out_of_service: 'final',
  clock_wrong: 'final',
  department_unknown: 'final',
  document_unknown: 'nothing',
  document_reversed: 'final',
  amount_exceeded: 'final',
  annulment_due: 'final',
  print_unresolved: 'final',
}

export function classOf({ refusalClass, code }: DeviceError): RefusalClass {
  return refusalClass ?? CLASS_OF_CODE[code]
}

/** The error of a code in the table. `detail` is appended to its message. */
export function documentedRefusal([of, code, effect, message]: Meaning, deviceCode: string, detail = ''): DeviceError {
  return new DeviceError(code, effect, `${message}${detail}`, deviceCode, [], of)
}

/** A code that is in no table. `effect`: the possible effect of the command. */
export function undocumented(
  deviceCode: string,
  effect: Effect,
  detail = '',
  of: RefusalClass = 'unknown',
): DeviceError {
  return new DeviceError(
    'refused',
    effect,
    `the device answers an undocumented error, ${deviceCode}${detail}`,
    deviceCode,
    [],
    of,
  )
}

/**
 * A certificate that has ended ends signing alone: any other act was done or continues, so the unit is asked. `effect`:
 * the possible effect of that act.
 */
export function refusalOfOtherAct(error: DeviceError, effect: Effect): DeviceError {
  const { code, message, deviceCode } = error
  return code === 'certificate_expired' ? new DeviceError(code, effect, message, deviceCode, [], 'unknown') : error
}

/** A unit allows three tries, and one of them is kept. */
const TRIES_KEPT = 2

/** If fewer tries are left than are kept, any refused login counts as a wrong PIN, which is not sent again. */
export function loginErrorOf(error: DeviceError, triesLeft: number): DeviceError {
  const message = `${error.message}: ${triesLeft} tries are left`
  const of = classOf(error)
  return triesLeft < TRIES_KEPT && (of === 'unknown' || of === 'authentication')
    ? new DeviceError('pin_wrong', 'none', message, error.deviceCode)
    : error.toldAs({ message })
}
