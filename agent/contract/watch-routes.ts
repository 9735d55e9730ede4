import * as z from 'zod'
import { CHANGE_KINDS, change } from './change.ts'
import { overview } from './overview.ts'
import type { Route } from './route.ts'

const KINDS = Object.entries(CHANGE_KINDS).map(([kind, meaning]) => `\`${kind}\`: ${meaning}`)

/** Text format of Prometheus. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Unknown members are ignored: an EventSource in a browser may add its own when it reconnects. */
export const eventsQuery = z.object({
  follow: z
    .enum(['true', 'false'])
    .optional()
    .describe('`false` ends the stream after the events that exist: at once without a `Last-Event-ID`.')
    .meta({ example: 'false' }),
})

/** Routes for monitoring: a page, a monitor, a till that shows changes elsewhere. */
export const watchRoutes = {
  events: {
    methods: ['get'],
    path: '/v1/events',
    operationId: 'EventsController_follow',
    tag: 'Agent',
    summary: 'Follow changes as server-sent events',
    description:
      'For a display, a kitchen or an office that follows the tills: each change as it happens. After a broken connection send the `id` of the last event as `Last-Event-ID`: the stream continues there. An event names the resource; read the rest from it.',
    auth: 'any',
    query: eventsQuery,
    lastEventId: true,
    success: {
      status: 200,
      description: `A stream that stays open until its reader ends the connection or shuts its sending side; with \`follow=false\` it ends after the events that exist. \`event\` is one of these, \`data\` a Change, \`id\` its position in the journal (after a restored backup with the epoch before it, \`2-1203\`): ${KINDS.join(' ')} A register's key receives the changes of that register, of devices and of targets.`,
      stream: change,
    },
  },
  overview: {
    methods: ['get'],
    path: '/v1/overview',
    operationId: 'AgentController_overview',
    tag: 'Agent',
    summary: 'Read a summary of the shop',
    description:
      "One look for a page or an office: whether each till may sell and why not, the warnings with their remedies, and the newest operations. With the key of a register only what is that register's.",
    auth: 'any',
    success: { status: 200, description: 'The summary, limited to what the caller may see', schema: overview },
  },
  operationsCode: {
    methods: ['get'],
    path: '/v1/operations/{id}/code',
    operationId: 'OperationsController_code',
    tag: 'Operations',
    summary: 'Draw the code of a receipt as a picture',
    description:
      'The QR code of the receipt as a picture (SVG), for a display or a page. Scanning it gives the same data as the code on paper. 404 if the receipt carries none.',
    auth: 'any',
    success: { status: 200, description: 'The QR code with its quiet zone', otherMediaTypes: ['image/svg+xml'] },
    errors: ['operation_invalid_state'],
  },
  statusPage: {
    methods: ['get'],
    path: '/',
    operationId: 'AgentController_statusPage',
    tag: 'Agent',
    summary: 'The status page of the shop',
    auth: 'none',
    listed: false,
    success: { status: 200, description: 'The page, in German, Italian or English', otherMediaTypes: ['text/html'] },
  },
  pageFile: {
    methods: ['get'],
    path: '/page/{file}',
    operationId: 'AgentController_pageFile',
    tag: 'Agent',
    summary: 'Style and script of that page',
    auth: 'none',
    listed: false,
    success: {
      status: 200,
      description: 'The file',
      otherMediaTypes: ['text/css', 'text/javascript', 'image/svg+xml'],
    },
  },
  metrics: {
    methods: ['get'],
    path: '/metrics',
    operationId: 'AgentController_metrics',
    tag: 'Agent',
    summary: 'Read the measurements for Prometheus',
    description:
      'Without a key, for Prometheus: counters and measurements of requests, devices, journal and sync. Their names do not change.',
    auth: 'none',
    success: { status: 200, description: 'Text format 0.0.4', otherMediaTypes: [METRICS_TYPE] },
  },
} as const satisfies Record<string, Route>
