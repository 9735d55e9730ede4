import { agentRoutes } from './agent-routes.ts'
import { allocationGroupRoutes } from './allocation-groups.ts'
import { closingRoutes } from './closing-routes.ts'
import { displayRoutes } from './display-routes.ts'
import { drawerOpeningRoutes } from './drawer-opening-routes.ts'
import { dutyRoutes } from './duty-routes.ts'
import { operationRoutes } from './operation-routes.ts'
import { paymentTerminalRoutes } from './payment-terminals.ts'
import { printoutRoutes } from './printout.ts'
import { receiptRoutes } from './receipt-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import { shopRoutes } from './shop-routes.ts'
import { vatRateRoutes } from './vat-rates.ts'
import { watchRoutes } from './watch-routes.ts'

/** All routes of the agent: the HTTP layer serves them, the OpenAPI document describes them. */
export const routes = {
  ...shopRoutes,
  ...paymentTerminalRoutes,
  ...operationRoutes,
  ...allocationGroupRoutes,
  ...vatRateRoutes,
  ...sessionRoutes,
  ...drawerOpeningRoutes,
  ...printoutRoutes,
  ...closingRoutes,
  ...agentRoutes,
  ...dutyRoutes,
  ...watchRoutes,
  ...displayRoutes,
  ...receiptRoutes,
} as const

export type RouteId = keyof typeof routes
