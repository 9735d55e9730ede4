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
    description:
      'Call it after the till has started: it returns the running shift and the cash that should be in the drawer. 404 means that `session_open` comes next.',
    auth: 'any',
    success: { status: 200, description: 'The session', schema: session },
  },
  sessionsList: {
    methods: ['get'],
    path: '/v1/sessions',
    operationId: 'SessionsController_list',
    tag: 'Sessions',
    summary: 'List sessions',
    description:
      'Oldest first, with the counted and the expected cash of each shift. With a register key only those of the register.',
    auth: 'any',
    query: sessionQuery,
    success: { status: 200, description: 'One page', schema: sessionList },
    errors: ['not_found'],
  },
  sessionsGet: {
    methods: ['get'],
    path: '/v1/sessions/{id}',
    operationId: 'SessionsController_get',
    tag: 'Sessions',
    summary: 'Read a session',
    description: 'One shift, running or closed. While it is open, `expected_closing_amount` follows the journal.',
    auth: 'any',
    success: { status: 200, description: 'The session', schema: session },
  },
} as const satisfies Record<string, Route>
