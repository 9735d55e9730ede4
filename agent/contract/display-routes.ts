import type { Route } from './route.ts'

/** The customer's display: its address names the register, for whom no key is needed. No program reads it. */
export const displayRoutes = {
  displayPage: {
    methods: ['get'],
    path: '/display/{token}',
    operationId: 'DisplayController_page',
    tag: 'Agent',
    summary: "The customer's display of a register",
    auth: 'none',
    listed: false,
    success: { status: 200, description: 'The page, in German, Italian or English', otherMediaTypes: ['text/html'] },
  },
  displayNow: {
    methods: ['get'],
    path: '/display/{token}/now',
    operationId: 'DisplayController_now',
    tag: 'Agent',
    summary: 'The receipt that the display shows now',
    auth: 'none',
    listed: false,
    success: { status: 200, description: 'The newest receipt for a minute, else nulls' },
  },
} as const satisfies Record<string, Route>
