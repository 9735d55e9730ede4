import type { ErrorCode } from '../errors.ts'
import { amendOperation } from './amendment.ts'
import { explanation } from './explanation.ts'
import { issueOperation } from './issued.ts'
import { completeOperation, createOperation, operation, operationList, voidOperation } from './operation.ts'
import { lastOperationQuery, operationQuery } from './operation-query.ts'
import { receipt, receiptJsonQuery } from './receipt.ts'
import type { Route } from './route.ts'

/** Refusals of the goods of an operation, whichever request brings them. */
const OF_GOODS = [
  'unprocessable_entity',
  'amount_mismatch',
  'tax_amount_precision_invalid',
  'tax_rate_not_supported',
  'department_unknown',
  'gift_card_tax_rate_must_be_zero',
  'currency_not_supported',
  'related_operation_invalid',
  'order_quantity_exceeded',
  'amount_exceeded',
  'gift_card_id_required',
  'not_supported_by_law',
  'customer_required',
] as const satisfies readonly ErrorCode[]

/** Routes of the sale. */
export const operationRoutes = {
  operationsCreate: {
    methods: ['post'],
    path: '/v1/operations',
    operationId: 'OperationsController_create',
    tag: 'Operations',
    summary: 'Start a goods movement or record a session event',
    description:
      'A movement of goods (`sale`, `return`, `exchange`, `deposit`, `deposit_capture`) is open after this call: end it with `/complete` and the payments, or with `/void`. So is an `order`, a `transfer` or an `employee_benefit`, which is completed without payments. A `void` and the events of a session are complete at once. Send an `Idempotency-Key`, and repeat the same request with the same key until it is answered: it is done once.',
    auth: 'any',
    body: createOperation,
    dryRun: true,
    success: { status: 201, description: 'The operation', schema: operation, etag: true },
    errors: [
      ...OF_GOODS,
      'not_found',
      'no_open_session',
      'session_invalid_state',
      'session_already_counted',
      'session_not_counted',
      'drawer_insufficient',
      'open_operations',
      'register_not_fiscalized',
      'register_decommissioned',
      'void_after_closing',
      'business_date_implausible',
      'emergency_open',
      'fiscal_device_unavailable',
      'fiscal_device_busy',
      'reconciling',
    ],
  },
  operationsList: {
    methods: ['get'],
    path: '/v1/operations',
    operationId: 'OperationsController_list',
    tag: 'Operations',
    summary: 'List operations',
    description:
      'Oldest first, or newest first with `order=desc`. With a register key only those of the register. For your lists, to find a sale by your own id or by the number on its receipt, and for a search after a crash; to read one operation that your till created, `GET /v1/operations/key:…` is enough.',
    auth: 'any',
    query: operationQuery,
    success: { status: 200, description: 'One page', schema: operationList },
    errors: ['not_found'],
  },
  registersLastOperation: {
    methods: ['get'],
    path: '/v1/registers/{id}/last-operation',
    operationId: 'RegistersController_lastOperation',
    tag: 'Operations',
    summary: 'Read the operation that the register completed last',
    description:
      'For a till that prints a receipt again or continues after a crash: of its goods movements and voids the one that was completed last; events of a session only if `type` names them. 404 (`details.resource` `operation`): it has completed nothing of that kind yet.',
    auth: 'any',
    query: lastOperationQuery,
    success: { status: 200, description: 'The operation', schema: operation, etag: true },
  },
  operationsGet: {
    methods: ['get'],
    path: '/v1/operations/{id}',
    operationId: 'OperationsController_get',
    tag: 'Operations',
    summary: 'Read an operation',
    description:
      'The present state, with the fiscal data once they are known. Use it if `fiscal.state` was `pending`, and after a crash with `key:` and the key of the create, also while that create still runs.',
    auth: 'any',
    success: { status: 200, description: 'The operation', schema: operation, etag: true },
  },
  operationsAmend: {
    methods: ['patch'],
    path: '/v1/operations/{id}',
    operationId: 'OperationsController_amend',
    tag: 'Operations',
    summary: 'Change the goods of an open operation',
    description:
      'Replaces the goods of an open operation: send all lines, amounts and discounts. A line that stays may be sent with its `id` and keeps it. Every other member that is left out keeps its value. Send `If-Match` with the newest version, and an `Idempotency-Key`. The journal stores the whole goods each time: amend when a basket is parked, handed to another till, or something is taken away; else begin with nothing and send all lines with the completion.',
    auth: 'any',
    body: amendOperation,
    ifMatch: true,
    dryRun: true,
    success: { status: 200, description: 'The amended operation', schema: operation, etag: true },
    errors: [...OF_GOODS, 'operation_invalid_state', 'reconciling'],
  },
  operationsComplete: {
    methods: ['post', 'patch'],
    path: '/v1/operations/{id}/complete',
    operationId: 'OperationsController_complete',
    tag: 'Operations',
    summary: 'Complete an open operation',
    description:
      'The customer has paid: the operation becomes final, is signed by the device and gets its receipt number. Send `If-Match` with the version that the create returned, and an `Idempotency-Key`. Print the receipt with `fiscal.receipt_text` if there is one. If the answer is `pending`, the outcome is not known yet: read the operation later. An `order`, a `transfer` or an `employee_benefit` is completed with `{}`: it takes no payments.',
    auth: 'any',
    body: completeOperation,
    ifMatch: true,
    dryRun: true,
    success: { status: 200, description: 'The completed operation', schema: operation, etag: true },
    errors: [
      ...OF_GOODS,
      'operation_invalid_state',
      'session_invalid_state',
      'payment_total_mismatch',
      'payment_status_invalid',
      'payment_method_not_supported',
      'drawer_insufficient',
      'emergency_open',
      'fiscal_device_unavailable',
      'fiscal_device_busy',
      'reconciling',
    ],
  },
  operationsVoid: {
    methods: ['post', 'patch'],
    path: '/v1/operations/{id}/void',
    operationId: 'OperationsController_voidOperation',
    tag: 'Operations',
    summary: 'Void an open operation',
    description:
      'The customer has not bought anything: the operation ends without payment, and no receipt is needed. Only for an open one: to take back a completed one, create an operation of type `void`, or a `return`.',
    auth: 'any',
    body: voidOperation,
    ifMatch: true,
    dryRun: true,
    success: { status: 200, description: 'The voided operation', schema: operation, etag: true },
    errors: ['operation_invalid_state', 'fiscal_device_unavailable', 'fiscal_device_busy', 'reconciling'],
  },
  operationsIssue: {
    methods: ['post'],
    path: '/v1/operations/{id}/issued',
    operationId: 'OperationsController_issue',
    tag: 'Operations',
    summary: 'Log how the receipt was issued',
    description:
      'For a receipt that the till has printed, shown or sent, if the completion had no `issued_as`. Each request replaces the one before. Signed data and version stay; an inspector finds it in the operation, in its list and in the notes of the audit.',
    auth: 'any',
    body: issueOperation,
    success: { status: 200, description: 'The operation', schema: operation, etag: true },
    errors: ['operation_invalid_state'],
  },
  operationsReceipt: {
    methods: ['get'],
    path: '/v1/operations/{id}/receipt',
    operationId: 'OperationsController_receipt',
    tag: 'Operations',
    summary: 'Read the receipt of a finished operation',
    description:
      'Call it after a completion, to print: every mandatory text in its order, as JSON. `/receipt.pdf` and other endings return it drawn. Also the receipt of a closing (`cls_…`), and the slip of an opening of the drawer (`cdo_…`).',
    auth: 'any',
    query: receiptJsonQuery,
    success: { status: 200, description: 'The receipt', schema: receipt },
    errors: ['operation_invalid_state'],
  },
  operationsExplain: {
    methods: ['get'],
    path: '/v1/operations/{id}/explain',
    operationId: 'OperationsController_explain',
    tag: 'Operations',
    summary: 'Explain the VAT of an operation (Germany)',
    description:
      'Shows how discounts, tip, vouchers and rounding become the amounts of each tax in the signed data. For a developer who compares own sums with those of the agent; a till does not need it.',
    auth: 'any',
    success: { status: 200, description: 'The explanation', schema: explanation },
    errors: ['unprocessable_entity'],
  },
} as const satisfies Record<string, Route>
