import { expect, test } from 'vitest'
import { errorOf } from '../../../drivers/tse-epson/device-errors.ts'

// Results that a driver in the trade tells apart at a TSE Server 3.
test.each([
  ['TSE1_ERROR_EXPORT_NO_DATA_AVAILABLE', 'no_data'],
  ['TSE1_ERROR_WRONG_STATE_NEEDS_PUK_CHANGE', 'not_initialised'],
  ['TSE1_ERROR_WRONG_STATE_NEEDS_PIN_CHANGE', 'not_initialised'],
  ['TSE1_ERROR_NOT_AUTHORIZED', 'not_authorised'],
  ['TSE1_ERROR_AUTHENTICATION_USER_NOT_LOGGED_IN', 'not_authorised'],
  ['TSE1_ERROR_TSE_HAS_UNFINISHED_TRANSACTIONS', 'refused'],
  ['TSE1_ERROR_TSE_INVALID_PARAMETER', 'refused'],
  ['OTHER_ERROR_HOST_AUTHENTICATION_FAILED', 'not_authorised'],
  ['OTHER_ERROR_INVALID_ADMIN_USER_ID', 'refused'],
  ['OTHER_ERROR_TSE_ALREADY_SET_UP', 'refused'],
  ['OTHER_ERROR_NO_TIME_SET_BEFORE_EXPORT', 'time_not_set'],
  ['JSON_ERROR_INVALID_PARAMETER_RANGE', 'refused'],
])('%s is %s, and nothing was done', (result, code) => {
  expect(errorOf(result, '')).toMatchObject({ code, effect: 'none', deviceCode: result })
})

test('what is unknown leaves the outcome in doubt', () => {
  expect(errorOf('TSE1_ERROR_OF_TOMORROW', 'fact')).toMatchObject({ code: 'refused', effect: 'unknown' })
})
