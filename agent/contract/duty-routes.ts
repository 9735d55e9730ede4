import { DUTY_EXAMPLE, duty, dutyList, dutyQuery } from './duty.ts'
import type { Route } from './route.ts'

/** Routes of the duties: a person or the agent's client does them, no till. */
export const dutyRoutes = {
  dutiesList: {
    methods: ['get'],
    path: '/v1/duties',
    operationId: 'DutiesController_list',
    tag: 'Agent',
    summary: 'List the duties of the shop',
    description:
      'By due date and id, with their state at the office. With a register key only those of the register. `fiskal-edge duty` acts on them.',
    auth: 'any',
    query: dutyQuery,
    success: { status: 200, description: 'One page', schema: dutyList },
    errors: ['not_found'],
  },
  dutiesGet: {
    methods: ['get'],
    path: '/v1/duties/{id}',
    operationId: 'DutiesController_get',
    tag: 'Agent',
    summary: 'Read a duty',
    description: 'One duty with all its steps.',
    auth: 'any',
    success: { status: 200, description: 'The duty', schema: duty, example: DUTY_EXAMPLE },
  },
} as const satisfies Record<string, Route>
