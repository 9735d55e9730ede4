import type { Meaning } from './refusal-class.ts'

/**
 * WormError of Swissbit's units (SDK 5.9, wormError.h), by its name: its code in hex, and its meaning. Epson's host has
 * the same units, and returns the names. The effect is unknown if the unit may have signed before it failed.
 */
const WORM_ERRORS: Readonly<Record<string, readonly [hex: string, ...meaning: Meaning]>> = {
  INVALID_PARAMETER: ['1', 'order', 'refused', 'none', 'a parameter is not allowed'],
  NO_TSE: ['2', 'away', 'unavailable', 'unknown', 'there is no TSE on the drive'],
  IO: ['3', 'away', 'unavailable', 'unknown', 'the TSE cannot be reached'],
  TIMEOUT: ['4', 'away', 'timeout', 'unknown', 'the TSE did not answer'],
  INVALID_RESPONSE: ['6', 'away', 'garbled', 'unknown', 'what the TSE answered could not be read'],
  STORE_FULL_INTERNAL: ['7', 'final', 'memory_full', 'unknown', 'the memory of the TSE is full'],
  RESPONSE_MISSING: ['8', 'away', 'garbled', 'unknown', 'the TSE gave no answer'],
  EXPORT_FAILED: ['a', 'unknown', 'refused', 'none', 'the TSE cannot export'],
  POWER_CYCLE_DETECTED: ['d', 'away', 'unavailable', 'unknown', 'the TSE lost its power during the command'],
  CMD_NOT_FOUND: ['11', 'order', 'refused', 'none', 'the TSE does not know the command'],
  NO_TIME_SET: ['1002', 'time', 'time_not_set', 'none', 'the time must be set first'],
  NO_TRANSACTION_IN_PROGRESS: ['1004', 'nothing', 'transaction_unknown', 'none', 'no transaction is open'],
  INVALID_CMD_SYNTAX: ['1005', 'order', 'refused', 'none', 'the TSE does not take the command'],
  TSE_INVALID_PARAMETER: ['1007', 'order', 'refused', 'none', 'the TSE does not take a value'],
  TRANSACTION_NOT_STARTED: ['1008', 'nothing', 'transaction_unknown', 'none', 'no such transaction is open'],
  MAX_PARALLEL_TRANSACTIONS: ['1009', 'final', 'open_transactions_full', 'none', 'too many transactions are open'],
  CERTIFICATE_EXPIRED: ['100a', 'final', 'certificate_expired', 'unknown', 'the certificate has expired'],
  NO_LAST_TRANSACTION: ['100c', 'nothing', 'no_data', 'none', 'there is no transaction'],
  CMD_NOT_ALLOWED: ['100d', 'order', 'refused', 'none', 'the TSE does not allow it now'],
  TRANSACTION_SIGNATURES_EXCEEDED: ['100e', 'final', 'signatures_exhausted', 'none', 'all signatures are used up'],
  NOT_AUTHORIZED: ['100f', 'authentication', 'not_authorised', 'none', 'the user may not do this'],
  MAX_REGISTERED_CLIENTS_REACHED: ['1010', 'final', 'client_limit', 'none', 'too many clients are registered'],
  CLIENT_NOT_REGISTERED: ['1011', 'client', 'client_unknown', 'none', 'the client is not registered'],
  EXPORT_UNACKNOWLEDGED_DATA: ['1012', 'final', 'unexported_data', 'none', 'logs are not exported'],
  CLIENT_HAS_UNFINISHED_TRANSACTIONS: ['1013', 'final', 'refused', 'none', 'the client has open transactions'],
  TSE_HAS_UNFINISHED_TRANSACTIONS: ['1014', 'final', 'transactions_open', 'none', 'transactions are open'],
  NOT_ALLOWED_EXPORT_IN_PROGRESS: ['1016', 'export', 'export_running', 'none', 'an export is running'],
  STORE_FULL: ['1017', 'final', 'memory_full', 'none', 'the memory is full: export and delete'],
  WRONG_STATE_NEEDS_PUK_CHANGE: ['1050', 'final', 'not_initialised', 'none', 'the PUK is that of the factory'],
  WRONG_STATE_NEEDS_PIN_CHANGE: ['1051', 'final', 'not_initialised', 'none', 'the PINs are those of the factory'],
  WRONG_STATE_NEEDS_SELF_TEST: ['1054', 'self_test', 'self_test_due', 'none', 'a self-test is due'],
  WRONG_STATE_NEEDS_SELF_TEST_PASSED: ['1055', 'self_test', 'self_test_due', 'none', 'the self-test was not passed'],
  TSE_ALREADY_INITIALIZED: ['10fd', 'final', 'refused', 'none', 'the TSE is set up already'],
  TSE_DECOMMISSIONED: ['10fe', 'final', 'disabled', 'none', 'the TSE is permanently disabled'],
  TSE_NOT_INITIALIZED: ['10ff', 'final', 'not_initialised', 'none', 'the TSE is not set up'],
  AUTHENTICATION_FAILED: ['1100', 'pin', 'pin_wrong', 'none', 'the TSE refused the PIN'],
  AUTHENTICATION_PIN_BLOCKED: ['1201', 'pin', 'pin_locked', 'none', 'the PIN is blocked: unblock it with the PUK'],
  AUTHENTICATION_USER_NOT_LOGGED_IN: ['1202', 'authentication', 'not_authorised', 'none', 'a user must log in first'],
  SELF_TEST_FAILED_FW: ['1300', 'final', 'out_of_service', 'none', 'the self-test of the firmware failed'],
  SELF_TEST_FAILED_CSP: ['1310', 'final', 'out_of_service', 'none', 'the self-test of the secure element failed'],
  SELF_TEST_FAILED_RNG: ['1320', 'final', 'out_of_service', 'none', 'the self-test of the random numbers failed'],
  EXPORT_NO_DATA_AVAILABLE: ['2003', 'nothing', 'no_data', 'none', 'no log answers the question'],
}

type Meanings = Readonly<Record<string, Meaning>>

export const MEANING_OF_CODE: Meanings = Object.fromEntries(
  Object.values(WORM_ERRORS).map(([hex, ...meaning]) => [hex, meaning]),
)
export const MEANING_OF_NAME: Meanings = Object.fromEntries(
  Object.entries(WORM_ERRORS).map(([name, [, ...meaning]]) => [name, meaning]),
)
