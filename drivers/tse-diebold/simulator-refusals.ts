import type { DeviceErrorCode } from '../errors.ts'
import { DeviceError } from '../errors.ts'

/** Codes of GetMfcStatus. */
export const POWER_FAIL = '0002'
export const NO_CARD = '0116'
const refusals: Readonly<Partial<Record<DeviceErrorCode, string>>> = {
  unavailable: POWER_FAIL,
  not_initialised: '0100',
  time_not_set: '0101',
  certificate_expired: '0102',
  disabled: '0103',
  memory_full: '0107',
  transaction_unknown: '0108',
  no_data: '010b',
  self_test_due: '010c',
  not_authorised: '0111',
  client_unknown: '0115',
  open_transactions_full: '0117',
  transactions_open: '011b',
  signatures_exhausted: '0118',
  client_limit: '0119',
  data_too_long: '0008',
}

/** Refuses the command with that code. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** The code of the error that ended a command. */
export function codeOf(error: unknown): string {
  if (error instanceof Refusal) return error.code
  return (error instanceof DeviceError ? refusals[error.code] : undefined) ?? '0104'
}
