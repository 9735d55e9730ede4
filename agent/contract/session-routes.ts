import { sessionQuery } from './page.ts'
import type { Route } from './route.ts'
import { session, sessionList } from './session.ts'

/** Routes of the sessions, that of a register included. */
export const sessionRoutes = {
  registersSession: {
    methods: ['get'],
    path: '/v1/registers/{id}/session',
    operationId: 'RegistersController_session',
    tag: 'Sessions',
    summary: "Read the register's session that is not closed yet",
    auth: 'any',
    idempotency: 'none',
    ifMatch: false,
    success: { status: 200, description: 'The session', schema: session },
    errors: [],
  },
  sessionsList: {
    methods: ['get'],
    path: '/v1/sessions',
    operationId: 'SessionsController_list',
    tag: 'Sessions',
    summary: 'List sessions',
    auth: 'any',
    query: sessionQuery,
    idempotency: 'none',
    ifMatch: false,
    success: { status: 200, description: 'One page', schema: sessionList },
    errors: ['not_found'],
  },
  sessionsGet: {
    methods: ['get'],
    path: '/v1/sessions/{id}',
    operationId: 'SessionsController_get',
    tag: 'Sessions',
    summary: 'Read a session',
    auth: 'any',
    idempotency: 'none',
    ifMatch: false,
    success: { status: 200, description: 'The session', schema: session },
    errors: [],
  },
} as const satisfies Record<string, Route>
