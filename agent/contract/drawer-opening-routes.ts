import { createDrawerOpening, drawerOpening, drawerOpeningList } from './drawer-opening.ts'
import { registerPageQuery } from './page.ts'
import type { Route } from './route.ts'

/** Routes of the openings of a cash drawer. */
export const drawerOpeningRoutes = {
  drawerOpeningsCreate: {
    methods: ['post'],
    path: '/v1/cash-drawer-openings',
    operationId: 'CashDrawerOpeningsController_create',
    tag: 'Cash drawer',
    summary: 'Log an opening of the cash drawer',
    description:
      "Whenever the drawer opens, with or without a sale. Send `occurred_at` by the till's own clock: a till that was offline sends it later. In Germany an opening without an operation can be signed (`dsfinvk.exportDrawerOpenings`). The till continues without waiting for anything else.",
    auth: 'any',
    body: createDrawerOpening,
    success: { status: 201, description: 'The opening', schema: drawerOpening },
    errors: ['not_found', 'related_operation_invalid', 'fiscal_device_busy', 'reconciling'],
  },
  drawerOpeningsCreateForRegister: {
    methods: ['post'],
    path: '/v1/registers/{id}/cash-drawer-openings',
    operationId: 'CashDrawerOpeningsController_createForRegister',
    tag: 'Cash drawer',
    summary: 'Log an opening of the cash drawer of a register',
    description: 'As `POST /v1/cash-drawer-openings`, with the register in the path instead of the body.',
    auth: 'any',
    body: createDrawerOpening,
    success: { status: 201, description: 'The opening', schema: drawerOpening },
    errors: ['related_operation_invalid', 'fiscal_device_busy', 'reconciling'],
  },
  drawerOpeningsList: {
    methods: ['get'],
    path: '/v1/cash-drawer-openings',
    operationId: 'CashDrawerOpeningsController_list',
    tag: 'Cash drawer',
    summary: 'List openings of the cash drawer',
    description:
      'The oldest first. With the key of a register only those of that register. An office looks here for openings without a sale.',
    auth: 'any',
    query: registerPageQuery,
    success: { status: 200, description: 'One page', schema: drawerOpeningList },
    errors: ['not_found'],
  },
  drawerOpeningsGet: {
    methods: ['get'],
    path: '/v1/cash-drawer-openings/{id}',
    operationId: 'CashDrawerOpeningsController_get',
    tag: 'Cash drawer',
    summary: 'Read an opening of the cash drawer',
    description: 'One opening, with its signature if it is signed: read it again while `fiscal.state` is `pending`.',
    auth: 'any',
    success: { status: 200, description: 'The opening', schema: drawerOpening },
  },
} as const satisfies Record<string, Route>
