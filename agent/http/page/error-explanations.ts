import type { Json } from '../../../base/canonical.ts'
import type { ErrorCode, FiscalEffect } from '../../errors.ts'

/** The text on the page of an error code that its row of `ERRORS` does not have. */
export type Explanation = {
  /** When a request gets it. */
  readonly meaning: string
  /** Other effects than `none` that it may report. */
  readonly effects?: readonly Exclude<FiscalEffect, 'none'>[]
  /** One refusal; its effect is `none` if it names no other. */
  readonly example: readonly [message: string, details?: { readonly [name: string]: Json }, effect?: FiscalEffect]
}

/** In Italy one of two documents may be printed already. */
const HALF_PRINTED = ['recorded'] as const
const UNKNOWN = ['unknown'] as const

export const EXPLANATIONS: Readonly<Record<ErrorCode, Explanation>> = {
  invalid_request: {
    meaning: 'A member, header or parameter is missing, unknown or has another form; details.errors names each one.',
    example: [
      '/total_amount: is required.',
      { reason: 'schema', errors: [{ pointer: '/total_amount', message: 'is required' }] },
    ],
  },
  unauthorized: {
    meaning: 'The request carries no key, a key that is unknown, revoked or mistyped, or one in the wrong header.',
    example: ['The request carries no key.'],
  },
  forbidden: {
    meaning: 'The key is valid, and may not do this: a register key sells at its own register only.',
    example: ['This needs a platform key.'],
  },
  origin_not_allowed: {
    meaning: 'A web page of another site called the agent; a browser names that site in Origin.',
    example: ['A page of this origin may not call the agent.'],
  },
  host_not_allowed: {
    meaning:
      'The request was sent to a name or port that the agent does not serve. This stops pages that rebind a name.',
    example: ['This host name is not served here without its port: send "127.0.0.1:7070".'],
  },
  not_found: {
    meaning: 'There is no such resource, or the key may not see it: a register key sees its own register only.',
    example: ['There is no operation op_none.', { resource: 'operation', id: 'op_none' }],
  },
  method_not_allowed: {
    meaning: 'The path exists and has other methods.',
    example: ['Only GET, HEAD is answered here.', { allow: ['GET', 'HEAD'] }],
  },
  no_open_session: {
    meaning: 'The register has no session: its shift was not opened, or is closed.',
    example: ['Register reg_01 has no open session. Send session_open first.', { register_id: 'reg_01' }],
  },
  session_invalid_state: {
    meaning: 'The session is in another state than this act needs, such as a second session_open in one shift.',
    example: ['Session ses_01 of register reg_01 is not closed.', { register_id: 'reg_01', session_id: 'ses_01' }],
  },
  session_already_counted: {
    meaning: 'The drawer of this session is counted: until the close nothing can be sold or moved.',
    example: [
      'Session ses_01 is counted: only session_close is accepted.',
      { register_id: 'reg_01', session_id: 'ses_01' },
    ],
  },
  session_not_counted: {
    meaning: 'A session is closed after its cash was counted.',
    example: [
      'Session ses_01 is not counted. Send session_cash_count first.',
      { register_id: 'reg_01', session_id: 'ses_01' },
    ],
  },
  drawer_insufficient: {
    meaning: 'More cash would go out than the drawer should hold.',
    example: [
      'The drawer should hold 54.50: 100.00 cannot be taken out.',
      { register_id: 'reg_01', expected_amount: '54.50' },
    ],
  },
  operation_invalid_state: {
    meaning: 'The operation is completed or voided already, or a printed part of it cannot change.',
    effects: HALF_PRINTED,
    example: ['Operation op_01 is completed.', { operation_id: 'op_01', status: 'completed' }],
  },
  open_operations: {
    meaning: 'Operations of the register are still open, and the count would not know whether they are sold.',
    example: [
      '1 operation(s) of the register are open. Complete or void them first.',
      { count: 1, operation_ids: ['op_01'] },
    ],
  },
  fiscalization_conflict: {
    meaning:
      'The register is fiscalized or decommissioned already, or its merchant or device does not fit its country.',
    example: [
      'Register reg_01 is fiscalized. Another key for its till: fiskal-edge key create register reg_01.',
      { register_id: 'reg_01', fiscalization_status: 'fiscalized' },
    ],
  },
  decommission_conflict: {
    meaning: 'The register cannot be retired yet, or is not fiscalized; details.reason says which.',
    example: ['Register reg_01 has a session that is not closed.', { register_id: 'reg_01', reason: 'session_open' }],
  },
  open_order_lines: {
    meaning: 'The register is the last one at its place, and no one could bill the tables that are open there.',
    example: [
      'Register reg_01 is the last one at its place, and 1 tables with orders over 24.50 are open there.',
      { register_id: 'reg_01', location_id: 'loc_01', total_amount: '24.50' },
    ],
  },
  merchant_exists: {
    meaning: 'An active merchant has the same fiscal identity: a taxpayer exists once.',
    example: [
      'Merchant merchant_01 has this fiscal identity and is active: use it.',
      { merchant_id: 'merchant_01', pointer: '/fiscal_identities/0' },
    ],
  },
  merchant_in_use: {
    meaning: 'The merchant cannot end while one of its registers is fiscalized.',
    example: [
      'Merchant merchant_01 is in use. Its register is fiscalized: decommission it first.',
      { register_ids: ['reg_01'], pointer: '/status' },
    ],
  },
  merchant_has_registers: {
    meaning:
      'A fiscalized register keeps its taxpayer: another tax number needs a reason, another company its own registers.',
    example: [
      'Merchant merchant_01 has registers. They keep their taxpayer: vat_id cannot change without a reason.',
      { members: ['vat_id'], register_ids: ['reg_01'], pointer: '/fiscal_identities/0' },
    ],
  },
  payment_terminal_exists: {
    meaning: 'A terminal with the same id, acquirer, location and first day exists: each is reported once.',
    example: [
      'Payment terminal trm_01 has the same id, acquirer, location and first day.',
      { pointer: '/tid', payment_terminal_id: 'trm_01' },
    ],
  },
  register_not_fiscalized: {
    meaning: 'No fiscal device knows the register yet, so it cannot sell.',
    example: [
      'Register reg_01 is not fiscalized. Call POST /v1/registers/reg_01/fiscalize.',
      { register_id: 'reg_01', fiscalization_status: 'not_fiscalized' },
    ],
  },
  register_decommissioned: {
    meaning: 'The register has ended. This is final in each country.',
    example: ['Register reg_01 is decommissioned.', { register_id: 'reg_01' }],
  },
  idempotency_key_conflict: {
    meaning: 'The key did another request, or the same one by another path or with another body.',
    example: [
      'This Idempotency-Key was used for /v1/operations with another body. op_01 is completed: read it with GET /v1/operations/op_01.',
      {
        idempotency_key: 'sale-1',
        differs: ['body'],
        first: { path: '/v1/operations', status: 'completed', read: '/v1/operations/op_01' },
      },
    ],
  },
  idempotency_key_in_use: {
    meaning: 'The first request with this key still runs, and its outcome is not known yet.',
    effects: UNKNOWN,
    example: ['The request with this Idempotency-Key is still running.', { idempotency_key: 'sale-1' }, 'unknown'],
  },
  version_too_old: {
    meaning: 'A later version of the agent made this, and a step back was installed after it.',
    effects: ['recorded', 'unknown'],
    example: [
      'op_01 has an act of a later version: fiskal-edge 0.3.0 knows it, and this is 0.2.0.',
      { id: 'op_01', version: '0.3.0' },
      'recorded',
    ],
  },
  emergency_open: {
    meaning: 'Italy: the printer is out of order and the emergency register is in use, which takes sales alone.',
    effects: HALF_PRINTED,
    example: [
      'The emergency register is open: only what sells is entered, and the reversal of an entry.',
      { emergency_id: 'emg_01' },
    ],
  },
  already_closed: {
    meaning: 'There is nothing to close: the closing was made already.',
    example: ['Nothing was recorded since the last closing.', { device_id: 'rt-1', device_code: 'nothing_to_close' }],
  },
  precondition_failed: {
    meaning: 'Another request has changed the operation since the version in If-Match; another till may have done it.',
    example: ['Resource version mismatch.', { current_resource_version: 2, expected_resource_version: 1 }],
  },
  precondition_required: {
    meaning: 'A change of an operation names the version that the till has seen.',
    example: ['Send If-Match with the ETag of the operation.', { current_resource_version: 1 }],
  },
  payload_too_large: {
    meaning: 'The body, or what the journal would have to store for it, is too large.',
    example: ['The body is larger than 1 MiB.', { limit_bytes: 1_048_576 }],
  },
  unsupported_media_type: {
    meaning: 'The body is not JSON in UTF-8.',
    example: ['Content-Type is missing; send application/json.'],
  },
  rate_limit_exceeded: {
    meaning:
      'More requests, downloads or exports than the agent accepts at once, from this key, from this address without one, or from all.',
    example: ['Too many requests: slow down.'],
  },
  order_quantity_exceeded: {
    meaning: 'The bill, cancellation or move takes more of an article than is open at that place.',
    example: [
      'Of article cola 1 is open, 2 is wanted.',
      { left: '1', wanted: '2', sku_identifier: 'cola', pointer: '/line_items/0' },
    ],
  },
  amount_exceeded: {
    meaning: 'More is used, paid or given back than is left of the operation that it refers to.',
    example: [
      'Deposit op_01 has 20.00 left: 50.00 is wanted.',
      { pointer: '/line_items/0', left: '20.00', wanted: '50.00' },
    ],
  },
  unprocessable_entity: {
    meaning:
      'The request is well formed, and a rule of the shop or of its law refuses it; details.pointer names the member.',
    effects: HALF_PRINTED,
    example: ['cash_amount must not be 0.', { pointer: '/cash_amount' }],
  },
  amount_mismatch: {
    meaning: 'Sums of the request do not agree. The agent corrects no amount: it signs what the customer pays.',
    example: [
      'The lines and the tip are 4.50, total_amount 4.60.',
      { pointer: '/line_items', sum: '4.50', total_amount: '4.60' },
    ],
  },
  tax_amount_precision_invalid: {
    meaning: 'The tax of a line is not the one that its total contains at its rate.',
    example: [
      'The tax_amount of line 0 is 0.32; 4.50 at 0.07 contains 0.29439252.',
      { line_index: 0, tax_index: 0, tax_amount: '0.32', expected_8dp: '0.29439252' },
    ],
  },
  tax_rate_not_supported: {
    meaning: 'The law of the register, or its printer, has no such rate on that day, or a code that does not fit it.',
    effects: HALF_PRINTED,
    example: ['The law of the register has no rate 0.16.', { line_index: 0, tax_index: 0, rate: '0.16' }],
  },
  department_unknown: {
    meaning: 'Italy: the printer has no such department for that rate.',
    effects: HALF_PRINTED,
    example: [
      'The printer has no department "bar" for rate 0.10; "departments" has kitchen there.',
      { line_index: 0, department: 'bar', rate: '0.10', known: ['kitchen'] },
    ],
  },
  payment_total_mismatch: {
    meaning: 'The payments are not the total. Change is a separate cash payment with a negative amount.',
    example: [
      'Captured and authorized payments are 5.00, total_amount is 4.50.',
      { total_amount: '4.50', captured_and_authorized: '5.00', with_pending: '5.00' },
    ],
  },
  payment_status_invalid: {
    meaning: 'The payment has a status that its method cannot have.',
    example: [
      'Cash cannot be authorized: send it as captured, or as failed.',
      { pointer: '/payments/0/status', method: 'cash', status: 'authorized' },
    ],
  },
  payment_method_not_supported: {
    meaning:
      'The method cannot be used here: an ONLINE operation has no drawer, and a printer may have no such tender.',
    effects: HALF_PRINTED,
    example: [
      'An ONLINE operation has no drawer and takes no cash.',
      { pointer: '/payments/0/method', method: 'cash', source: 'ONLINE' },
    ],
  },
  gift_card_id_required: {
    meaning: 'A voucher that pays, or a taxed one that is sold, has a number.',
    example: ['A gift_card payment needs the gift_card_id.', { pointer: '/payments/0/gift_card_id' }],
  },
  gift_card_tax_rate_must_be_zero: {
    meaning: 'A line of type gift_card sells a voucher for any goods, which is not taxed when it is sold.',
    example: ['The gift card of line 0 must be untaxed.', { line_index: 0 }],
  },
  currency_not_supported: {
    meaning: 'Registers book in euro. In Germany cash of another currency is a payment with its value in base_amount.',
    example: ['The register books in EUR, not in CHF.', { currency: 'CHF' }],
  },
  related_operation_invalid: {
    meaning: 'The operation that it refers to does not exist, is not completed, or cannot be used or taken back so.',
    effects: HALF_PRINTED,
    example: ['Operation op_01 is reversed by op_02 already.', { related_operation_id: 'op_01' }],
  },
  business_date_implausible: {
    meaning: 'The business date is too far from the time of the session.',
    example: [
      'The business date 2026-03-01 is not between 2026-02-24 and 2026-02-26: the session was opened at 2026-02-25T08:00:00+01:00, and the time of the agent is 2026-02-25T18:00:00+01:00.',
      { business_date: '2026-03-01', first: '2026-02-24', last: '2026-02-26' },
    ],
  },
  export_dsfinvk_no_closed_sessions: {
    meaning: 'Germany: a DSFinV-K has whole closings, and none has its business date in the range.',
    example: [
      'No closing has a business date in the range: there is nothing to export. A session that is open is exported once it is closed.',
      { from: '2026-02-25', to: '2026-02-25' },
    ],
  },
  dsfinvk_refused: {
    meaning: 'Germany: a check of the package found a contradiction, so no file was written.',
    example: [
      'The DSFinV-K package is refused, there is no file: transactions.csv, closing 1, bon 4: BON_TYP is empty.',
      { findings: ['transactions.csv, closing 1, bon 4: BON_TYP is empty'], finding_count: 1 },
    ],
  },
  customer_required: {
    meaning: 'Goods on account, a meal of the staff and some lines without tax need the customer.',
    example: ['Goods on account need the name or the id of the customer.', { pointer: '/customer' }],
  },
  not_supported_by_law: {
    meaning: 'The request has a member or type that the law of the register does not have.',
    example: [
      'The law of the register has no printouts: print a copy of the receipt with ?copy=true.',
      { member: 'printouts', register_id: 'reg_01', pointer: '' },
    ],
  },
  printout_not_supported: {
    meaning: 'Italy: this printer does not offer that printout now.',
    example: ['The driver of this printer has no gift receipt.', { device_id: 'rt-1', pointer: '/type' }],
  },
  last_document_foreign: {
    meaning: 'Italy: the printer copies its last document alone, which another till or a person at its keys made.',
    example: [
      'The last document of rt-1 is 0012-0004, of another till.',
      { device_id: 'rt-1', document_number: '0012-0004', operation_id: 'op_01', pointer: '/type' },
    ],
  },
  void_after_closing: {
    meaning: 'A sale is reversed only before the closing that contains it.',
    effects: HALF_PRINTED,
    example: ['The session of operation op_01 is closed: record a return.', { related_operation_id: 'op_01' }],
  },
  fiscal_device_unavailable: {
    meaning: 'The TSE, card or printer does not answer, and the law does not allow this act without it.',
    effects: HALF_PRINTED,
    example: ['The printer rt-1 does not answer.', { device_id: 'rt-1', device_code: 'timeout' }],
  },
  fiscal_device_busy: {
    meaning: 'Many requests wait for the device already: this one was not put in the queue.',
    effects: HALF_PRINTED,
    example: ['64 requests wait for device tse-1.', { device_id: 'tse-1', waiting: 64 }],
  },
  reconciling: {
    meaning: 'The act was begun and its outcome is not known or not durable yet, or an earlier act must end first.',
    effects: UNKNOWN,
    example: ['The outcome of the device act is unknown; the agent is asking the device.', { id: 'op_01' }, 'unknown'],
  },
  shutting_down: {
    meaning: 'The agent is stopping and begins nothing new; a supervisor starts it again.',
    example: ['The agent is stopping.'],
  },
  storage_unavailable: {
    meaning: 'The journal cannot be written or read: the disk is full, broken or held by another program.',
    effects: UNKNOWN,
    example: ['The journal could not be written: the agent restarts and reads it again from disk.', {}, 'unknown'],
  },
  internal_error: {
    meaning: 'A fault of the agent. Its log has the cause under request_id.',
    effects: UNKNOWN,
    example: ['An unexpected error occurred; the log has it under the request id.', {}, 'unknown'],
  },
}
