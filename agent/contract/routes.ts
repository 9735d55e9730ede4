import { agentRoutes } from './agent-routes.ts'
import { closingRoutes } from './closing-routes.ts'
import { operationRoutes } from './operation-routes.ts'
import { shopRoutes } from './shop-routes.ts'
import { watchRoutes } from './watch-routes.ts'

/** All that the agent answers to: the HTTP layer serves it, the OpenAPI document describes it. */
export const routes = { ...shopRoutes, ...operationRoutes, ...closingRoutes, ...agentRoutes, ...watchRoutes } as const

export type RouteId = keyof typeof routes
