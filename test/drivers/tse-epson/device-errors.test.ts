import { expect, test } from 'vitest'
import { classOf, loginErrorOf } from '../../../drivers/refusal-class.ts'
import { errorOf } from '../../../drivers/tse-epson/device-errors.ts'

// Results that another driver distinguishes at a TSE Server 3.
test.each([
  ['TSE1_ERROR_EXPORT_NO_DATA_AVAILABLE', 'no_data'],
  ['TSE1_ERROR_WRONG_STATE_NEEDS_PUK_CHANGE', 'not_initialised'],
  ['TSE1_ERROR_WRONG_STATE_NEEDS_PIN_CHANGE', 'not_initialised'],
  ['TSE1_ERROR_NOT_AUTHORIZED', 'self_test_due'],
  ['TSE1_ERROR_AUTHENTICATION_USER_NOT_LOGGED_IN', 'not_authorised'],
  ['TSE1_ERROR_TSE_HAS_UNFINISHED_TRANSACTIONS', 'transactions_open'],
  ['TSE1_ERROR_TSE_INVALID_PARAMETER', 'refused'],
  ['OTHER_ERROR_HOST_AUTHENTICATION_FAILED', 'not_authorised'],
  ['OTHER_ERROR_INVALID_ADMIN_USER_ID', 'refused'],
  ['OTHER_ERROR_TSE_ALREADY_SET_UP', 'refused'],
  ['OTHER_ERROR_NO_TIME_SET_BEFORE_EXPORT', 'time_not_set'],
  ['JSON_ERROR_INVALID_PARAMETER_RANGE', 'refused'],
])('%s is %s, and nothing was done', (result, code) => {
  expect(errorOf(result, '')).toMatchObject({ code, effect: 'none', deviceCode: result })
})

// From the maker's own list (Epson's JSON specification, chapter 3).
test.each([
  ['OTHER_ERROR_NO_STORAGE_FOUND', 'unavailable'],
  ['OTHER_ERROR_UNKNOWN_STORAGE', 'unavailable'],
  ['OTHER_ERROR_UNAUTHENTICATED_USER', 'not_authorised'],
  ['OTHER_ERROR_UNAUTHENTICATED_HOST', 'not_authorised'],
  ['OTHER_ERROR_NO_EXPORT_STARTED', 'refused'],
  ['OTHER_ERROR_CURRENTLY_EXPORTING_USER', 'export_running'],
  ['OTHER_ERROR_ALL_DATA_NOT_EXPORTED_YET', 'unexported_data'],
  ['OTHER_ERROR_TOO_MANY_TIME_ADMIN_USER_LOGGED_IN', 'client_limit'],
  ['OTHER_ERROR_TOO_MANY_CHALLENGE_REQUESTED', 'busy'],
  ['TSE1_ERROR_MAX_REGISTERED_CLIENTS_REACHED', 'client_limit'],
  ['TSE1_ERROR_NO_TRANSACTION_IN_PROGRESS', 'transaction_unknown'],
  ['TSE1_ERROR_NOT_ALLOWED_EXPORT_IN_PROGRESS', 'export_running'],
  ['TSE1_ERROR_TSE_NOT_INITIALIZED', 'not_initialised'],
  ['TSE1_ERROR_SELF_TEST_FAILED_CSP', 'out_of_service'],
  ['TSE1_ERROR_CMD_NOT_ALLOWED', 'refused'],
])('%s is %s by the manual, and nothing was done', (result, code) => {
  expect(errorOf(result, '')).toMatchObject({ code, effect: 'none', deviceCode: result })
})

test.each([
  ['TSE1_ERROR_STORE_FULL_INTERNAL', 'memory_full'],
  ['TSE1_ERROR_TIMEOUT', 'timeout'],
  ['TSE1_ERROR_POWER_CYCLE_DETECTED', 'unavailable'],
  ['TSE1_ERROR_INVALID_RESPONSE', 'garbled'],
  ['TSE1_ERROR_RESPONSE_MISSING', 'garbled'],
  ['TSE1_ERROR_SIG_ERROR', 'refused'],
])('%s is %s, and the TSE is asked for the outcome', (result, code) => {
  expect(errorOf(result, '')).toMatchObject({ code, effect: 'unknown', deviceCode: result })
})

test.each(['TSE1_ERROR_OF_TOMORROW', 'constructor'])('%s is unknown and leaves the outcome open', (result) => {
  expect(errorOf(result, 'fact')).toMatchObject({ code: 'refused', effect: 'unknown', deviceCode: result })
})

test.each([
  ['OTHER_ERROR_UNAUTHENTICATED_TIME_ADMIN_USER', 'authentication'],
  ['OTHER_ERROR_AUTH_SOMETHING_NEW', 'authentication'],
  ['TSE1_ERROR_NOBODY_LOGGED_IN', 'authentication'],
  ['TSE1_ERROR_AUTHENTICATION_FAILED', 'pin'],
  ['TSE1_ERROR_SOMETHING_NEW', 'unknown'],
  ['JSON_ERROR_INVALID', 'unknown'],
])('%s is of the class %s', (result, of) => {
  expect(classOf(errorOf(result, '', 'none'))).toBe(of)
})

test('an unknown error code at a signature may mean that it signed; at a question it did nothing', () => {
  expect(errorOf('TSE1_ERROR_SOMETHING_NEW', '', 'unknown').effect).toBe('unknown')
  expect(errorOf('TSE1_ERROR_SOMETHING_NEW', '', 'none').effect).toBe('none')
  expect(errorOf('JSON_ERROR_INVALID', '', 'unknown').effect).toBe('none')
})

test('a login that is refused in unknown words with one try left is the last one with that PIN', () => {
  const refused = errorOf('TSE1_ERROR_SOMETHING_NEW', '', 'unknown')
  expect(loginErrorOf(refused, 2)).toMatchObject({
    code: 'refused',
    message: expect.stringContaining('2 tries are left'),
  })
  expect(loginErrorOf(refused, 1)).toMatchObject({ code: 'pin_wrong', effect: 'none' })
  const noTime = errorOf('TSE1_ERROR_NO_TIME_SET', '', 'unknown')
  expect(loginErrorOf(noTime, 1)).toMatchObject({ code: 'time_not_set', effect: noTime.effect })
})
