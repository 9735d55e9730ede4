import { closing, closingList, createClosing } from './closing.ts'
import { pageQuery } from './page.ts'
import type { Route } from './route.ts'

/** Routes of closings: day, month, year, and the receipts that a law asks for beside the sale. */
export const closingRoutes = {
  closingsCreate: {
    methods: ['post'],
    path: '/v1/registers/{id}/closings',
    operationId: 'ClosingsController_create',
    tag: 'Closings',
    summary: 'Close a day, month or year of a register',
    auth: 'any',
    body: createClosing,
    bodyOptional: true,
    idempotency: 'optional',
    ifMatch: false,
    success: { status: 201, description: 'The closing', schema: closing },
    errors: [
      'open_operations',
      'already_closed',
      'session_invalid_state',
      'register_not_fiscalized',
      'register_decommissioned',
      'unprocessable_entity',
      'fiscal_device_unavailable',
      'fiscal_device_busy',
      'reconciling',
    ],
  },
  closingsList: {
    methods: ['get'],
    path: '/v1/registers/{id}/closings',
    operationId: 'ClosingsController_findAll',
    tag: 'Closings',
    summary: 'List the closings of a register',
    auth: 'any',
    query: pageQuery,
    idempotency: 'none',
    ifMatch: false,
    success: { status: 200, description: 'One page', schema: closingList },
    errors: [],
  },
  closingsGet: {
    methods: ['get'],
    path: '/v1/closings/{id}',
    operationId: 'ClosingsController_findOne',
    tag: 'Closings',
    summary: 'Read a closing',
    auth: 'any',
    idempotency: 'none',
    ifMatch: false,
    success: { status: 200, description: 'The closing', schema: closing },
    errors: [],
  },
} as const satisfies Record<string, Route>
