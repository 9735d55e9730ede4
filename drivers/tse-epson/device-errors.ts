import type { Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { Meaning } from '../refusal-class.ts'
import { documentedRefusal, undocumented } from '../refusal-class.ts'

/**
 * Results of a function other than EXECUTION_OK (Epson's JSON specification, chapter 3, and TSEs in the field). An
 * explicit refusal did nothing; an expired certificate is reported late.
 */
const results: Readonly<Record<string, Meaning>> = {
  OTHER_ERROR_NO_STORAGE_FOUND: ['away', 'unavailable', 'none', 'no TSE is plugged in at the host'],
  OTHER_ERROR_UNKNOWN_STORAGE: ['away', 'unavailable', 'none', 'the host does not support the connected TSE'],
  OTHER_ERROR_UNAUTHENTICATED_USER: ['authentication', 'not_authorised', 'none', 'no user is logged in'],
  OTHER_ERROR_UNAUTHENTICATED_HOST: ['authentication', 'not_authorised', 'none', 'the host must log in first'],
  OTHER_ERROR_TOO_MANY_TIME_ADMIN_USER_LOGGED_IN: ['final', 'client_limit', 'none', 'too many clients are logged in'],
  OTHER_ERROR_TOO_MANY_CHALLENGE_REQUESTED: ['busy', 'busy', 'none', 'too many log in at once'],
  OTHER_ERROR_PARAMETER_MISMATCH: ['order', 'refused', 'none', 'the range of the export is invalid'],
  OTHER_ERROR_UPDATE_SYSTIME_FAIL: ['unknown', 'refused', 'none', 'the host does not take the time'],
  OTHER_ERROR_UNAUTHENTICATED_TIME_ADMIN_USER: [
    'authentication',
    'not_authorised',
    'none',
    'the time admin must log in first',
  ],
  OTHER_ERROR_UNAUTHENTICATED_ADMIN_USER: ['authentication', 'not_authorised', 'none', 'the admin must log in first'],
  OTHER_ERROR_HOST_AUTHENTICATION_FAILED: [
    'final',
    'not_authorised',
    'none',
    'the shared secret of host and TSE is another one',
  ],
  OTHER_ERROR_INVALID_ADMIN_USER_ID: ['unknown', 'refused', 'none', 'the TSE has no such admin'],
  OTHER_ERROR_TSE_ALREADY_SET_UP: ['final', 'refused', 'none', 'the TSE is set up already'],
  OTHER_ERROR_NO_TIME_SET_BEFORE_EXPORT: ['time', 'time_not_set', 'none', 'the time must be set first'],
  OTHER_ERROR_CURRENTLY_EXPORTING: ['export', 'export_running', 'none', 'an export is running'],
  OTHER_ERROR_CURRENTLY_EXPORTING_USER: [
    'export',
    'export_running',
    'none',
    'an export of a logged-out user is running',
  ],
  TSE1_ERROR_NOT_ALLOWED_EXPORT_IN_PROGRESS: ['export', 'export_running', 'none', 'an export is running'],
  OTHER_ERROR_NO_EXPORT_STARTED: ['order', 'refused', 'none', 'no export is running'],
  OTHER_ERROR_NOT_EXPORTING: ['order', 'refused', 'none', 'no export is running'],
  TSE1_ERROR_EXPORT_NONE_IN_PROGRESS: ['order', 'refused', 'none', 'no export is running'],
  OTHER_ERROR_ALREADY_ALL_DATA_EXPORTED: ['order', 'refused', 'none', 'all of the export was read'],
  OTHER_ERROR_ALL_DATA_NOT_EXPORTED_YET: ['final', 'unexported_data', 'none', 'the export was not read completely'],
  TSE1_ERROR_EXPORT_FAILED: ['unknown', 'refused', 'none', 'the TSE cannot export'],
  TSE1_ERROR_WRONG_STATE_NEEDS_SELF_TEST: ['self_test', 'self_test_due', 'none', 'a self-test is due'],
  TSE1_ERROR_WRONG_STATE_NEEDS_SELF_TEST_PASSED: ['self_test', 'self_test_due', 'none', 'a self-test is due'],
  TSE1_ERROR_NO_TIME_SET: ['time', 'time_not_set', 'none', 'the time must be set first'],
  TSE1_ERROR_CERTIFICATE_EXPIRED: ['final', 'certificate_expired', 'unknown', 'the certificate has expired'],
  TSE1_ERROR_TRANSACTION_SIGNATURES_EXCEEDED: ['final', 'signatures_exhausted', 'none', 'all signatures are used up'],
  TSE1_ERROR_STORE_FULL: ['final', 'memory_full', 'none', 'the memory is full: export and delete'],
  TSE1_ERROR_STORE_FULL_INTERNAL: ['final', 'memory_full', 'unknown', 'the memory of the TSE is full'],
  TSE1_ERROR_MAX_PARALLEL_TRANSACTIONS: ['final', 'open_transactions_full', 'none', 'too many transactions are open'],
  TSE1_ERROR_CLIENT_NOT_REGISTERED: ['client', 'client_unknown', 'none', 'the client is not registered'],
  TSE1_ERROR_MAX_REGISTERED_CLIENTS: ['final', 'client_limit', 'none', 'too many clients are registered'],
  TSE1_ERROR_MAX_REGISTERED_CLIENTS_REACHED: ['final', 'client_limit', 'none', 'too many clients are registered'],
  TSE1_ERROR_TRANSACTION_NOT_STARTED: ['nothing', 'transaction_unknown', 'none', 'no such transaction is open'],
  TSE1_ERROR_NO_TRANSACTION_IN_PROGRESS: ['nothing', 'transaction_unknown', 'none', 'no transaction is open'],
  TSE1_ERROR_CLIENT_HAS_UNFINISHED_TRANSACTIONS: ['final', 'refused', 'none', 'the client has open transactions'],
  TSE1_ERROR_TSE_HAS_UNFINISHED_TRANSACTIONS: ['final', 'transactions_open', 'none', 'transactions are open'],
  TSE1_ERROR_INVALID_PARAMETER: ['order', 'refused', 'none', 'the host does not take a value'],
  TSE1_ERROR_TSE_INVALID_PARAMETER: ['order', 'refused', 'none', 'the TSE does not take a value'],
  TSE1_ERROR_CMD_NOT_ALLOWED: ['order', 'refused', 'none', 'the TSE does not allow it now'],
  TSE1_ERROR_CMD_NOT_FOUND: ['order', 'refused', 'none', 'the TSE does not know the command'],
  TSE1_ERROR_INVALID_CMD_SYNTAX: ['order', 'refused', 'none', 'the TSE does not take the command'],
  TSE1_ERROR_WRONG_STATE_NEEDS_TSE_UNLOCK: [
    'final',
    'refused',
    'none',
    'the TSE is locked: unlock it with the tool of its maker',
  ],
  TSE1_ERROR_TSE_ALREADY_INITIALIZED: ['final', 'refused', 'none', 'the TSE is set up already'],
  TSE1_ERROR_NOT_AUTHORIZED: [
    'self_test',
    'self_test_due',
    'none',
    'the TSE refuses after a sleep of its host: if its self-test does not help, restart the host',
  ],
  TSE1_ERROR_AUTHENTICATION_USER_NOT_LOGGED_IN: ['authentication', 'not_authorised', 'none', 'no user is logged in'],
  TSE1_ERROR_AUTHENTICATION_FAILED: ['pin', 'pin_wrong', 'none', 'the TSE refused the PIN'],
  TSE1_ERROR_AUTHENTICATION_PIN_BLOCKED: ['pin', 'pin_locked', 'none', 'the PIN is blocked: unblock it with the PUK'],
  TSE1_ERROR_NO_LAST_TRANSACTION: ['nothing', 'no_data', 'none', 'there is no transaction'],
  TSE1_ERROR_EXPORT_NO_DATA_AVAILABLE: ['nothing', 'no_data', 'none', 'no log answers the question'],
  TSE1_ERROR_EXPORT_UNACKNOWLEDGED_DATA: ['final', 'unexported_data', 'none', 'logs are not exported'],
  TSE1_ERROR_TSE_DECOMMISSIONED: ['final', 'disabled', 'none', 'the TSE is permanently disabled'],
  TSE1_ERROR_SELF_TEST_FAILED_FW: ['final', 'out_of_service', 'none', 'the self-test of the firmware failed'],
  TSE1_ERROR_SELF_TEST_FAILED_CSP: ['final', 'out_of_service', 'none', 'the self-test of the secure element failed'],
  TSE1_ERROR_SELF_TEST_FAILED_RNG: ['final', 'out_of_service', 'none', 'the self-test of the random numbers failed'],
  TSE1_ERROR_TSE_NOT_INITIALIZED: ['final', 'not_initialised', 'none', 'the TSE is not set up'],
  TSE1_ERROR_WRONG_STATE_NEEDS_SETUP: ['final', 'not_initialised', 'none', 'the TSE is not set up'],
  TSE1_ERROR_WRONG_STATE_NEEDS_PUK_CHANGE: [
    'final',
    'not_initialised',
    'none',
    'the TSE is not set up: its PUK is the factory one',
  ],
  TSE1_ERROR_WRONG_STATE_NEEDS_PIN_CHANGE: [
    'final',
    'not_initialised',
    'none',
    'the TSE is not set up: its PINs are the factory ones',
  ],
  TSE1_ERROR_NO_TSE: ['away', 'unavailable', 'none', 'no TSE was found'],
  TSE1_ERROR_IO: ['away', 'unavailable', 'unknown', 'the host cannot reach its TSE'],
  TSE1_ERROR_TIMEOUT: ['away', 'timeout', 'unknown', 'the TSE did not answer its host'],
  TSE1_ERROR_POWER_CYCLE_DETECTED: ['away', 'unavailable', 'unknown', 'the TSE lost its power during the command'],
  TSE1_ERROR_INVALID_RESPONSE: ['away', 'garbled', 'unknown', 'the host could not read what its TSE answered'],
  TSE1_ERROR_RESPONSE_MISSING: ['away', 'garbled', 'unknown', 'the TSE gave its host no answer'],
}

/** The host rejected the request: nothing was executed. */
const notRead: Meaning = ['unknown', 'refused', 'none', 'the host does not take the request']
/** Parts of undocumented results that demand a login. */
const WANTS_LOGIN = /AUTH|LOGGED_IN/
const INFO_MAX = 200

/**
 * The error of a function's result; `info` is the device's own text. `effect`: the possible effect of the function if
 * the result is not documented.
 */
export function errorOf(result: string, info: string, effect: Effect = 'unknown'): DeviceError {
  const inTable = Object.hasOwn(results, result) ? results[result] : undefined
  const detail = info === '' ? '' : ` (${info.slice(0, INFO_MAX)})`
  const meaning = inTable ?? (result.startsWith('JSON_ERROR_') ? notRead : undefined)
  if (meaning !== undefined) return documentedRefusal(meaning, result, detail)
  return undocumented(
    result.slice(0, INFO_MAX),
    effect,
    detail,
    WANTS_LOGIN.test(result) ? 'authentication' : 'unknown',
  )
}

/** Codes of the host other than SUCCESS and OK: nothing was executed. */
export function hostErrorOf(code: string): DeviceError {
  if (code === 'ERROR_TIMEOUT') return new DeviceError('timeout', 'unknown', 'the TSE did not answer its host', code)
  if (code === 'DEVICE_IN_USE' || code === 'ERROR_DEVICE_BUSY')
    return new DeviceError('busy', 'none', 'another host holds the TSE', code)
  return new DeviceError('unavailable', 'none', 'the host does not open its TSE', code)
}
