/** All error codes of the API: HTTP status, title, and the caller's remedy. Listed in the OpenAPI and at `/errors/{code}`. */
export const ERRORS = {
  invalid_request: {
    status: 400,
    title: 'Invalid request',
    remedy: 'Correct the named members or headers and send the request again.',
  },
  unauthorized: {
    status: 401,
    title: 'Unauthorized',
    remedy: 'Send a valid key: Authorization: Bearer ofk_platform_… or X-Register-Api-Key: ofk_reg_….',
  },
  forbidden: { status: 403, title: 'Forbidden', remedy: 'Use a platform key, or the key of the register concerned.' },
  origin_not_allowed: {
    status: 403,
    title: 'Origin not allowed',
    remedy:
      'Call the agent from the till, not from another web page. If the till is a web page, add its origin to allowedOrigins.',
  },
  host_not_allowed: {
    status: 421,
    title: 'Host not allowed',
    remedy: 'Use localhost or the address that is called, with the port, or add the name to allowedHosts.',
  },
  not_found: { status: 404, title: 'Not found', remedy: 'Check the id; details.resource names what was looked for.' },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    remedy: 'See the Allow header.',
  },
  no_open_session: { status: 409, title: 'No open session', remedy: 'Send session_open first.' },
  session_invalid_state: {
    status: 409,
    title: 'Session in another state',
    remedy: 'Read GET /v1/registers/{id}/session and continue from its state.',
  },
  session_already_counted: {
    status: 409,
    title: 'Session already counted',
    remedy: 'Send session_close; sell in the next session. Correct the count with corrects_operation_id.',
  },
  session_not_counted: { status: 409, title: 'Session not counted', remedy: 'Send session_cash_count first.' },
  drawer_insufficient: {
    status: 409,
    title: 'Not enough cash in the drawer',
    remedy: 'Take out at most details.expected_amount, or record first what was put in.',
  },
  operation_invalid_state: {
    status: 409,
    title: 'Operation in another state',
    remedy: 'Read the operation; only an open one can be completed or voided.',
  },
  open_operations: { status: 409, title: 'Open operations', remedy: 'Complete or void the listed operations first.' },
  fiscalization_conflict: {
    status: 409,
    title: 'Fiscalization conflict',
    remedy: 'See details: already fiscalized, no fiscal identity, or no fitting device.',
  },
  decommission_conflict: {
    status: 409,
    title: 'Decommission conflict',
    remedy: 'Close the session; a register is retired once and only when fiscalized.',
  },
  open_order_lines: {
    status: 409,
    title: 'Open order lines',
    remedy: 'Bill, cancel or move what is open at the place, or keep another register there.',
  },
  merchant_exists: {
    status: 409,
    title: 'Merchant exists',
    remedy: 'Use the merchant of details.merchant_id: it is active and has the same fiscal identity.',
  },
  merchant_in_use: {
    status: 409,
    title: 'Merchant in use',
    remedy: 'Decommission the registers of details.register_ids first.',
  },
  merchant_has_registers: {
    status: 409,
    title: 'Merchant has registers',
    remedy: 'Send `reason` for a typing error; another company ends details.register_ids and is another merchant.',
  },
  payment_terminal_exists: {
    status: 409,
    title: 'Payment terminal exists',
    remedy: 'Use the terminal of details.payment_terminal_id.',
  },
  register_not_fiscalized: {
    status: 409,
    title: 'Register not fiscalized',
    remedy: 'Call POST /v1/registers/{id}/fiscalize.',
  },
  register_decommissioned: { status: 409, title: 'Register decommissioned', remedy: 'Use another register.' },
  idempotency_key_conflict: {
    status: 409,
    title: 'Idempotency key used for another request',
    remedy:
      'Read what the first request made (`details.first.read`): the act may be done. Use a new key only for a new act.',
  },
  idempotency_key_in_use: {
    status: 409,
    title: 'Request with this key still running',
    remedy: 'Repeat the same request with the same key later.',
  },
  version_too_old: {
    status: 409,
    title: 'Made by a later version',
    remedy: 'Install details.version of fiskal-edge again (fiskal-edge update): it knows this and ends it.',
  },
  emergency_open: {
    status: 409,
    title: 'Emergency register open',
    remedy:
      'Sell, or void an entry of this emergency. Everything else waits for the printer (fiskal-edge emergency close).',
  },
  already_closed: { status: 409, title: 'Already closed', remedy: 'Nothing to do.' },
  precondition_failed: {
    status: 412,
    title: 'Precondition failed',
    remedy: 'Read the resource again and send its current ETag.',
  },
  precondition_required: {
    status: 428,
    title: 'Precondition required',
    remedy: 'Send If-Match with the ETag of the operation.',
  },
  payload_too_large: { status: 413, title: 'Payload too large', remedy: 'Send at most 1 MiB.' },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    remedy: 'Send application/json in UTF-8, without content coding.',
  },
  rate_limit_exceeded: { status: 429, title: 'Too many requests', remedy: 'Wait for the time in Retry-After.' },
  order_quantity_exceeded: {
    status: 422,
    title: 'More than is open',
    remedy:
      'Read GET /v1/allocation-groups and send at most details.left, an order at the price of details.open; another till may have billed or moved the rest.',
  },
  amount_exceeded: {
    status: 422,
    title: 'More than is left',
    remedy: 'Read the operation it refers to and send at most details.left; another till may have used the rest.',
  },
  unprocessable_entity: { status: 422, title: 'Rule broken', remedy: 'See the message and details.' },
  amount_mismatch: {
    status: 422,
    title: 'Amounts do not add up',
    remedy:
      'pretax + tax + tip = total and lines + tip = total, exactly; each line is quantity × unit_price less its discounts, within half a cent a piece; totals are whole cents.',
  },
  tax_amount_precision_invalid: {
    status: 422,
    title: 'Tax amount wrong',
    remedy: 'Send total × rate / (1 + Σ rates), rounded to 2 to 8 decimals; details has the expected values.',
  },
  tax_rate_not_supported: {
    status: 422,
    title: 'Tax rate not known',
    remedy: 'Use a rate of the law of the register at that date.',
  },
  department_unknown: {
    status: 422,
    title: 'Department not known',
    remedy: 'Send a department of details.known, or none for the default; the configuration has them ("departments").',
  },
  payment_total_mismatch: {
    status: 422,
    title: 'Payments do not match the total',
    remedy: 'Captured and authorized payments must add up to total_amount.',
  },
  payment_status_invalid: {
    status: 422,
    title: 'Payment status not possible for this method',
    remedy:
      'Send cash as captured once it is in the drawer, and what is on account as captured; cash that was not paid is failed or left out.',
  },
  payment_method_not_supported: {
    status: 422,
    title: 'Payment method not possible here',
    remedy:
      'Pay with another method: cash needs a register (source POS); in Italy the shop names the tender of a method in "rt.tenders".',
  },
  gift_card_id_required: {
    status: 422,
    title: 'Gift card id required',
    remedy: 'Send gift_card_id with every gift_card payment.',
  },
  gift_card_tax_rate_must_be_zero: {
    status: 422,
    title: 'Gift card line must be untaxed',
    remedy: 'Send rate 0 and tax_amount 0: the tax is due at redemption.',
  },
  currency_not_supported: { status: 422, title: 'Currency not supported', remedy: 'Send EUR.' },
  related_operation_invalid: {
    status: 422,
    title: 'Related operation invalid',
    remedy:
      'Refer to an existing completed operation of the merchant; training and its vouchers have no effect on real sales.',
  },
  business_date_implausible: {
    status: 422,
    title: 'Business date not possible',
    remedy:
      'Send a date from the day before the opening of the session to the day after its close (details first, last); if the clock of the machine is wrong, set it first.',
  },
  export_dsfinvk_no_closed_sessions: {
    status: 422,
    title: 'No closing in the range',
    remedy: 'Close the session, or widen the range to the business date of its closing: whole closings are exported.',
  },
  dsfinvk_refused: {
    status: 422,
    title: 'DSFinV-K package refused',
    remedy:
      'Fix what each finding names (file, closing, bon, column) and export again; fiskal-edge journal verify reports whether the journal is damaged.',
  },
  customer_required: {
    status: 422,
    title: 'Customer required',
    remedy: 'Send customer with name or id: the books name who got the goods, or who owes them.',
  },
  not_supported_by_law: {
    status: 422,
    title: 'Not supported by the law of the register',
    remedy: 'Leave out what details.pointer names, or record it at a register whose law supports it.',
  },
  printout_not_supported: {
    status: 422,
    title: 'Printout not possible here',
    remedy: 'See the message: the printer has no such printout, or no document for it in its running period.',
  },
  last_document_foreign: {
    status: 422,
    title: 'Document of another register',
    remedy:
      'Request the copy at the register of the document, or print your own again: GET /v1/operations/{id}/receipt?copy=true.',
  },
  void_after_closing: { status: 422, title: 'Void after closing', remedy: 'Record a return instead.' },
  fiscal_device_unavailable: {
    status: 503,
    title: 'Fiscal device unavailable',
    remedy: 'Check the device (fiskal-edge doctor), then repeat with the same key.',
  },
  fiscal_device_busy: {
    status: 503,
    title: 'Fiscal device busy',
    remedy: 'Repeat with the same key after Retry-After.',
  },
  reconciling: {
    status: 503,
    title: 'Outcome being settled',
    remedy: 'Repeat with the same key after Retry-After: it gets the outcome as soon as that is known and durable.',
  },
  shutting_down: { status: 503, title: 'Shutting down', remedy: 'Repeat with the same key when the agent is back.' },
  storage_unavailable: {
    status: 503,
    title: 'Storage unavailable',
    remedy: 'Free disk space or repair the disk (fiskal-edge doctor), then retry with the same key.',
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    remedy: 'Repeat with the same key; if it stays, send a support bundle.',
  },
} as const satisfies Record<string, { status: number; title: string; remedy: string }>

export type ErrorCode = keyof typeof ERRORS

/** True if the response has a Retry-After header. */
export function hasRetryAfter(code: ErrorCode): boolean {
  const { status } = ERRORS[code]
  return status === 503 || status === 429 || code === 'idempotency_key_in_use'
}

/**
 * `none`: no device recorded anything · `recorded`: a device did · `unknown`: the outcome is being reconciled, or an
 * unexpected error stopped the change at an unknown point.
 */
export type FiscalEffect = 'none' | 'recorded' | 'unknown'

/** Values of `details.reason` of a refusal, with their meaning; a device's own code may stand there, too. */
export const REASONS = {
  schema: 'members, parameters or arguments do not fit; `errors` names each',
  json: 'the body is not a JSON object',
  header: 'the request line or a header is missing, malformed, too long or sent twice',
  idempotency_key: 'of `Idempotency-Key`',
  if_match: 'of `If-Match`',
  client_certificate: 'the certificate of the caller is not the one of this key',
  key_bound_to_certificate: 'the key is good only with its certificate',
  merchant_inactive: 'the merchant is not active',
  country: 'no law of that country, or its registers stay in it',
  fiscal_identity: 'the merchant has no fiscal identity of the country, or would lose it',
  device: 'no device fits, or several do',
  taxpayer: 'the device belongs to another taxpayer',
  pos_client_serial_number: 'the serial number is taken, malformed, or cannot change',
  period_open: 'the printer has documents that no closing contains',
  decommissioned: 'the register has been decommissioned',
  not_fiscalized: 'the register is not fiscalized',
  session_open: 'a session is open',
  open_operations: 'operations are open',
  journal_held: 'another program holds the journal',
  journal_damaged: 'the journal is damaged, from `seq` on',
  disk_slow: 'the disk takes too long',
  display_off: 'the configuration has no customer displays',
  aes_key_lost: 'the secret of the turnover counter is lost (Austria)',
  chain_put_back: 'receipts of the chain may be missing (Austria)',
  already_started: 'the register has its Startbeleg (Austria)',
  not_started: 'the register has no Startbeleg (Austria)',
  chain_ended: 'the register has its Schlussbeleg (Austria)',
  amounts_not_zero: 'a receipt of 0.00 has amounts (Austria)',
  no_outage: 'no receipt waits for a Sammelbeleg (Austria)',
  must_be_signed: 'the receipt cannot go without a signature (Austria)',
  stale_plan: 'another receipt of the register came first (Austria)',
  clock_went_back: 'the clock is before the newest receipt (Austria)',
  clock_not_set: 'the clock is not set (Austria)',
  turnover_overflow: 'the turnover counter is full (Austria)',
  rate_unknown: 'the law does not have that rate (Austria)',
  field_malformed: 'a field of the receipt cannot be written (Austria)',
} as const

export type Reason = keyof typeof REASONS

type Details = Readonly<Record<string, unknown>> & { readonly reason?: Reason }

/** A refusal with a stable code. `message` is for people and may change; `details` is for programs. */
export class FiskalError extends Error {
  override readonly name = 'FiskalError'
  readonly code: ErrorCode
  readonly details: Details
  readonly fiscalEffect: FiscalEffect
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    details: Details = {},
    more: { fiscalEffect?: FiscalEffect; retryAfterSeconds?: number } = {},
  ) {
    super(message)
    this.code = code
    this.details = details
    this.fiscalEffect = more.fiscalEffect ?? 'none'
    this.retryAfterSeconds = more.retryAfterSeconds
  }

  get status(): number {
    return ERRORS[this.code].status
  }

  /** True if the same request may succeed later without a change; after 412 with the version of the operation as it is now. */
  get retryable(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 412 || this.code === 'idempotency_key_in_use'
  }
}

/** More than the agent takes at once, of one caller or of all; nothing was recorded. */
export function rateLimited(message: string, retryAfterSeconds: number, details = {}): FiskalError {
  return new FiskalError('rate_limit_exceeded', message, details, { retryAfterSeconds })
}

/** A rule of the shop without a separate code; `pointer`: the member that breaks it. */
export function unprocessable(message: string, pointer: string, more: FiskalError['details'] = {}): FiskalError {
  return new FiskalError('unprocessable_entity', message, { ...more, pointer })
}
