import type { Trouble } from '../../devices/usable.ts'
import type { ErrorCode } from '../../errors.ts'
import type { Moment, Refusal } from '../law.ts'
import type { HalfDone } from './half-done.ts'

/** The error code of a printer's refusal; any other refusal means that the printer cannot record now. */
const ERROR_OF: Readonly<Record<string, ErrorCode>> = {
  department_unknown: 'tax_rate_not_supported',
  document_unknown: 'related_operation_invalid',
  document_reversed: 'related_operation_invalid',
  amount_exceeded: 'related_operation_invalid',
  nothing_to_close: 'already_closed',
  refused: 'unprocessable_entity',
  data_too_long: 'unprocessable_entity',
  // A closing was made for this document already, or the printer makes none.
  closure_due: 'unprocessable_entity',
  busy: 'fiscal_device_busy',
}

export function refusalOfPrinter(
  { code, message }: Trouble,
  { device }: Pick<Moment, 'device'>,
  halfDone: HalfDone | undefined,
): Refusal {
  return {
    code: ERROR_OF[code] ?? 'fiscal_device_unavailable',
    message: halfDone === undefined ? message : `${halfDone.stands}: ${message}. ${halfDone.rest}`,
    details: { device_id: device, device_code: code },
    // A sale was printed instead of the return, and must be annulled.
    ...((halfDone !== undefined || code === 'annulment_due') && { fiscalEffect: 'recorded' }),
  }
}
