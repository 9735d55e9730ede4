import { errorExplanation } from './error.ts'
import { createExport, exportJob, fileQuery } from './export.ts'
import { journalQuery } from './page.ts'
import type { Route } from './route.ts'
import { deviceList, health, journalPage, readiness, syncTargetList } from './status.ts'

/** Routes around the sale: exports, journal, devices, and what needs no key. */
export const agentRoutes = {
  exportsCreate: {
    methods: ['post'],
    path: '/v1/exports',
    operationId: 'ExportsController_create',
    tag: 'Exports',
    summary: 'Start an export in the background',
    description:
      'For an inspection or the tax adviser: a file of the law (`dsfinvk` and `tse_tar` in Germany, `dep7` and `dep131` in Austria) or the journal, over a range of time. It is written in the background: read the export until its `status` is `completed`, then fetch its file.',
    auth: 'platform',
    body: createExport,
    idempotency: 'optional',
    ifMatch: false,
    success: { status: 202, description: 'The export, pending', schema: exportJob },
    errors: ['not_found', 'unprocessable_entity', 'export_dsfinvk_no_closed_sessions'],
  },
  exportsGet: {
    methods: ['get'],
    path: '/v1/exports/{id}',
    operationId: 'ExportsController_get',
    tag: 'Exports',
    summary: 'Read an export',
    description:
      'The state of an export. While it is `pending`, ask again after a second; when it is `completed`, fetch `download_url`. `left_out` and `findings` name what a reader of the file must know.',
    auth: 'platform',
    success: { status: 200, description: 'The export', schema: exportJob },
  },
  exportsFile: {
    methods: ['get'],
    path: '/v1/exports/{id}/file',
    operationId: 'ExportsController_download',
    tag: 'Exports',
    summary: 'Fetch the file of an export',
    description:
      'The bytes of a finished export, to be stored or handed over unchanged. With a key the id alone is enough (a register key gets the exports of its register, but not the journal, which has all registers), and an export that is still `pending` is waited for, up to 10 s. Without a key call the `download_url` of the export, which has `signature` and `expires`: a tax adviser without a key can follow it.',
    auth: 'link',
    query: fileQuery,
    success: {
      status: 200,
      description: 'The file, in the form of its type; with a key a pending export is waited for, up to 10 s',
      otherMediaTypes: ['*/*'],
    },
  },
  journal: {
    methods: ['get'],
    path: '/v1/journal',
    operationId: 'JournalEventsController_list',
    tag: 'Agent',
    summary: 'Read the journal',
    description:
      'Every event that the agent recorded, with its hash: for a program that keeps a copy, or checks the chain. Begin with `after=0` and continue with `next_cursor`. A till does not need it.',
    auth: 'platform',
    query: journalQuery,
    success: { status: 200, description: 'One page of events', schema: journalPage },
  },
  devices: {
    methods: ['get'],
    path: '/v1/devices',
    operationId: 'DevicesController_list',
    tag: 'Agent',
    summary: 'List the fiscal devices and their state',
    description:
      'Each TSE, signature card or printer with its state, memory and warnings. A till shows it to the person at the till if `fiscal.state` is `failed`; an office chooses the `fiscal_device` of a register from it.',
    auth: 'any',
    success: { status: 200, description: 'All devices', schema: deviceList },
  },
  sync: {
    methods: ['get'],
    path: '/v1/sync',
    operationId: 'SyncTargetsController_list',
    tag: 'Agent',
    summary: 'List the sync targets and their state',
    description:
      'How far the journal is sent to each target, such as the server of a head office. Selling never waits for a target; an office looks here if data are missing there.',
    auth: 'any',
    success: { status: 200, description: 'All targets', schema: syncTargetList },
  },
  healthz: {
    methods: ['get'],
    path: '/healthz',
    operationId: 'AgentController_health',
    tag: 'Agent',
    summary: 'Check that the process answers',
    description:
      'Without a key: 200 as long as the process answers. A supervisor restarts the agent if it does not. Whether a till may sell is at `/readyz`.',
    auth: 'none',
    success: { status: 200, description: 'The process answers', schema: health },
  },
  readyz: {
    methods: ['get'],
    path: '/readyz',
    operationId: 'AgentController_readiness',
    tag: 'Agent',
    summary: 'Check that operations can be taken',
    description:
      'Without a key, for a till before its first sale and for monitoring. 200: operations are taken, also with the state `degraded`. 503: wait for the seconds of `Retry-After` and ask again.',
    auth: 'none',
    success: { status: 200, description: 'Ready; degraded if a device is down', schema: readiness },
    errors: ['shutting_down', 'storage_unavailable', 'reconciling'],
  },
  openapi: {
    methods: ['get'],
    path: '/openapi-json',
    operationId: 'AgentController_openapi',
    tag: 'Agent',
    summary: 'This document',
    auth: 'none',
    listed: false,
    success: { status: 200, description: 'OpenAPI 3.1', otherMediaTypes: ['application/json'] },
  },
  docsJson: {
    methods: ['get'],
    path: '/docs-json',
    operationId: 'AgentController_docsJson',
    tag: 'Agent',
    summary: 'Moved to /openapi-json',
    auth: 'none',
    listed: false,
    success: { status: 301, description: 'Moved' },
  },
  postman: {
    methods: ['get'],
    path: '/docs/postman.json',
    operationId: 'AgentController_postman',
    tag: 'Agent',
    summary: 'The scenario as a Postman collection',
    listed: false,
    auth: 'none',
    success: { status: 200, description: 'Postman collection 2.1' },
  },
  docs: {
    methods: ['get'],
    path: '/docs',
    operationId: 'AgentController_docs',
    tag: 'Agent',
    summary: 'Reference page of this contract',
    auth: 'none',
    listed: false,
    success: { status: 200, description: 'The page', otherMediaTypes: ['text/html'] },
  },
  errorPage: {
    methods: ['get'],
    path: '/errors/{code}',
    operationId: 'ErrorsController_get',
    tag: 'Agent',
    summary: 'Explain an error code and its remedy',
    description: 'Without a key: what a `code` means and what to do about it. The `type` of each refusal is this path.',
    auth: 'none',
    success: { status: 200, description: 'The explanation', schema: errorExplanation },
  },
} as const satisfies Record<string, Route>
