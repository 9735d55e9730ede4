import type { DeviceErrorCode } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import { NativeFault } from './protocol.ts'

const CODES: ReadonlyMap<string, DeviceErrorCode> = new Map<string, DeviceErrorCode>([
  ['CKR_PIN_INCORRECT', 'pin_wrong'],
  ['CKR_PIN_INVALID', 'pin_wrong'],
  ['CKR_PIN_LEN_RANGE', 'pin_wrong'],
  ['CKR_PIN_EXPIRED', 'pin_wrong'],
  ['CKR_PIN_LOCKED', 'pin_locked'],
  ['CKR_USER_PIN_NOT_INITIALIZED', 'not_initialised'],
  ['KEY_NOT_FOUND', 'not_initialised'],
  ['TOKEN_AMBIGUOUS', 'refused'],
  ['CKR_ATTRIBUTE_READ_ONLY', 'refused'],
  ['CKR_ATTRIBUTE_VALUE_INVALID', 'refused'],
  ['CKR_CURVE_NOT_SUPPORTED', 'refused'],
  ['CKR_DEVICE_MEMORY', 'memory_full'],
  ['CKR_DOMAIN_PARAMS_INVALID', 'refused'],
  ['CKR_KEY_FUNCTION_NOT_PERMITTED', 'refused'],
  ['CKR_KEY_TYPE_INCONSISTENT', 'refused'],
  ['CKR_MECHANISM_INVALID', 'refused'],
  ['CKR_MECHANISM_PARAM_INVALID', 'refused'],
  ['CKR_SESSION_READ_ONLY', 'refused'],
  ['CKR_TEMPLATE_INCONSISTENT', 'refused'],
  ['CKR_TOKEN_WRITE_PROTECTED', 'refused'],
])

/**
 * Errors after which the session, the token or the module's state is lost. The only recovery is a new child, which
 * finds the token and logs in again. Closing sessions is not enough for several modules: they return the same error
 * until C_Finalize.
 */
const LOST: ReadonlySet<string> = new Set([
  'CKR_CRYPTOKI_NOT_INITIALIZED',
  'CKR_DEVICE_ERROR',
  'CKR_DEVICE_MEMORY',
  'CKR_DEVICE_REMOVED',
  'CKR_FUNCTION_CANCELED',
  'CKR_FUNCTION_FAILED',
  'CKR_GENERAL_ERROR',
  'CKR_KEY_HANDLE_INVALID',
  'CKR_OBJECT_HANDLE_INVALID',
  'CKR_OPERATION_ACTIVE',
  'CKR_SESSION_CLOSED',
  'CKR_SESSION_HANDLE_INVALID',
  'CKR_SLOT_ID_INVALID',
  'CKR_TOKEN_NOT_PRESENT',
  'CKR_USER_NOT_LOGGED_IN',
])

export function sessionIsLost(error: unknown): boolean {
  return error instanceof NativeFault && LOST.has(error.code)
}

/** A refusal of the module as a DeviceError; an explicit refusal did nothing, so the effect is `none`. */
export function asDeviceError(error: unknown, name: string): unknown {
  if (!(error instanceof NativeFault)) return error
  return new DeviceError(CODES.get(error.code) ?? 'unavailable', 'none', `${name}: ${error.message}`, error.code)
}
