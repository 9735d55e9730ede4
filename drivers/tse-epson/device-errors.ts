import type { Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { Meaning } from '../refusal-class.ts'
import { documentedRefusal, undocumented } from '../refusal-class.ts'
import { MEANING_OF_NAME } from '../worm-errors.ts'

/**
 * Results of a function other than EXECUTION_OK (Epson's JSON specification, chapter 3, and TSEs in the field). An
 * explicit refusal did nothing; an expired certificate is reported late. Names without TSE1_ERROR_ and OTHER_ERROR_; two
 * of the unit's own mean something else at a host.
 */
const results: Readonly<Record<string, Meaning>> = {
  ...MEANING_OF_NAME,
  NO_STORAGE_FOUND: ['away', 'unavailable', 'none', 'no TSE is plugged in at the host'],
  UNKNOWN_STORAGE: ['away', 'unavailable', 'none', 'the host does not support the connected TSE'],
  UNAUTHENTICATED_USER: ['authentication', 'not_authorised', 'none', 'no user is logged in'],
  UNAUTHENTICATED_HOST: ['authentication', 'not_authorised', 'none', 'the host must log in first'],
  TOO_MANY_TIME_ADMIN_USER_LOGGED_IN: ['final', 'client_limit', 'none', 'too many clients are logged in'],
  TOO_MANY_CHALLENGE_REQUESTED: ['busy', 'busy', 'none', 'too many log in at once'],
  PARAMETER_MISMATCH: ['order', 'refused', 'none', 'the range of the export is invalid'],
  UPDATE_SYSTIME_FAIL: ['unknown', 'refused', 'none', 'the host does not take the time'],
  UNAUTHENTICATED_TIME_ADMIN_USER: ['authentication', 'not_authorised', 'none', 'the time admin must log in first'],
  UNAUTHENTICATED_ADMIN_USER: ['authentication', 'not_authorised', 'none', 'the admin must log in first'],
  HOST_AUTHENTICATION_FAILED: ['final', 'not_authorised', 'none', 'the shared secret of host and TSE is another one'],
  INVALID_ADMIN_USER_ID: ['unknown', 'refused', 'none', 'the TSE has no such admin'],
  TSE_ALREADY_SET_UP: ['final', 'refused', 'none', 'the TSE is set up already'],
  NO_TIME_SET_BEFORE_EXPORT: ['time', 'time_not_set', 'none', 'the time must be set first'],
  CURRENTLY_EXPORTING: ['export', 'export_running', 'none', 'an export is running'],
  CURRENTLY_EXPORTING_USER: ['export', 'export_running', 'none', 'an export of a logged-out user is running'],
  NO_EXPORT_STARTED: ['order', 'refused', 'none', 'no export is running'],
  NOT_EXPORTING: ['order', 'refused', 'none', 'no export is running'],
  EXPORT_NONE_IN_PROGRESS: ['order', 'refused', 'none', 'no export is running'],
  ALREADY_ALL_DATA_EXPORTED: ['order', 'refused', 'none', 'all of the export was read'],
  ALL_DATA_NOT_EXPORTED_YET: ['final', 'unexported_data', 'none', 'the export was not read completely'],
  MAX_REGISTERED_CLIENTS: ['final', 'client_limit', 'none', 'too many clients are registered'],
  WRONG_STATE_NEEDS_TSE_UNLOCK: ['final', 'refused', 'none', 'the TSE is locked: unlock it with the tool of its maker'],
  NOT_AUTHORIZED: [
    'self_test',
    'self_test_due',
    'none',
    'the TSE refuses after a sleep of its host: if its self-test does not help, restart the host',
  ],
  WRONG_STATE_NEEDS_SETUP: ['final', 'not_initialised', 'none', 'the TSE is not set up'],
  NO_TSE: ['away', 'unavailable', 'none', 'no TSE was found'],
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
  const [, name = ''] = /^(?:TSE1|OTHER)_ERROR_(\w+)$/.exec(result) ?? []
  const inTable = Object.hasOwn(results, name) ? results[name] : undefined
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
