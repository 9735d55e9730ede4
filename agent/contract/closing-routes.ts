import { closing, closingList, createClosing } from './closing.ts'
import { pageQuery } from './page.ts'
import { receipt, receiptJsonQuery } from './receipt.ts'
import type { Route } from './route.ts'

/** Routes of closings: day, month, year, and other receipts that a law requires in addition to sales. */
export const closingRoutes = {
  closingsCreate: {
    methods: ['post'],
    path: '/v1/registers/{id}/closings',
    operationId: 'ClosingsController_create',
    tag: 'Closings',
    summary: 'Close a day, month or year of a register',
    description:
      'At the end of a day or period, after the last `session_close`; without a body it closes the day. Germany: a report over the sessions that were closed. Austria: a report, or a signed receipt of a month, a year or over zero. Italy: the printer makes its Z, once a day. Print its receipt: `GET /v1/closings/{id}/receipt`.',
    auth: 'any',
    body: createClosing,
    bodyOptional: true,
    success: { status: 201, description: 'The closing', schema: closing },
    errors: [
      'open_operations',
      'already_closed',
      'session_invalid_state',
      'register_not_fiscalized',
      'register_decommissioned',
      'unprocessable_entity',
      'emergency_open',
      'fiscal_device_unavailable',
      'fiscal_device_busy',
      'reconciling',
    ],
  },
  closingsList: {
    methods: ['get'],
    path: '/v1/registers/{id}/closings',
    operationId: 'ClosingsController_list',
    tag: 'Closings',
    summary: 'List the closings of a register',
    description:
      'The oldest first, also those that the agent or the printer made without a request. An office reads it to check that each day has its closing.',
    auth: 'any',
    query: pageQuery,
    success: { status: 200, description: 'One page', schema: closingList },
  },
  closingsGet: {
    methods: ['get'],
    path: '/v1/closings/{id}',
    operationId: 'ClosingsController_get',
    tag: 'Closings',
    summary: 'Read a closing',
    description: 'One closing with its sums and findings (`hints`). Read it again while `fiscal.state` is `pending`.',
    auth: 'any',
    success: { status: 200, description: 'The closing', schema: closing },
  },
  closingsReceipt: {
    methods: ['get'],
    path: '/v1/closings/{id}/receipt',
    operationId: 'ClosingsController_receipt',
    tag: 'Closings',
    summary: 'Read the receipt of a closing',
    description: 'As `/v1/operations/{id}/receipt` with the id of the closing.',
    auth: 'any',
    query: receiptJsonQuery,
    success: { status: 200, description: 'The receipt', schema: receipt },
    errors: ['operation_invalid_state'],
  },
} as const satisfies Record<string, Route>
