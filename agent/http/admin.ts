import { chmodSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { basename } from 'node:path'
import { getBuiltinModule } from 'node:process'
import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import express from 'express'
import * as z from 'zod'
import type { Json } from '../../base/canonical.ts'
import type { Clock } from '../../base/clock.ts'
import { every, within } from '../../base/clock.ts'
import { ConnectionLimits } from '../../base/connection-limits.ts'
import { answerHalfClosed } from '../../base/half-closed.ts'
import type { Log } from '../../base/log.ts'
import { codeOf, messageOf } from '../../base/thrown.ts'
import { DeviceError } from '../../drivers/errors.ts'
import { DUTY_GROUNDS, OUTAGE_GROUNDS } from '../contract/duty-ground.ts'
import { FiskalError } from '../errors.ts'
import type { Administration } from '../till/administration.ts'
import {
  DISMISS_REASON_MAX,
  EMERGENCY_REASON_MAX,
  ENDING_REASON_MAX,
  PLAIN_DEVICE_ACTS,
  RETIREMENT_REASON_MAX,
} from '../till/administration.ts'

export type AdminSocket = {
  /**
   * Stops accepting requests, waits two seconds for the running acts, then answers those that take longer with
   * `shutting_down`.
   */
  close(): Promise<void>
}
export type AdminSocketOptions = {
  /** `<state>/admin.sock`. A socket that an earlier run left is removed: the caller has the lock. */
  path: string
  administration: Administration
  /** The answer of `status`: the state of the running daemon, for doctor. */
  describe: () => Json
  /** The answer of `diag`: the work that the daemon is doing. */
  diagnose: () => Promise<unknown>
  /** The prefix of the files that the agent writes for a command, which then moves them away. */
  handOver: string
  clock: Clock
  log: Log
}

/** The requests that have no answer yet, and whether the socket accepts more. */
type Door = { readonly open: Set<Response>; closing: boolean }

/** `isWaitedFor`: false if the client has disconnected. */
type Act = (input: unknown, isWaitedFor: () => boolean) => Promise<unknown>

const STOPPING =
  'The agent is stopping: the act may be done or not. Check the state after the restart, then repeat the act if needed.'
const CLOSE_TIMEOUT_MS = 2_000
const CONNECTIONS_MAX = 32
/** A waiting client gets a sign of life: the archive of a TSE may take hours. */
const PROCESSING_EVERY_MS = 60_000
/** A command moves its file at once; after an hour it no longer will. */
const UNCLAIMED_MS = 3_600_000
/** A TSE has a PIN and a PUK for each of a few users. */
const SECRETS_MAX = 20
const text = z.string().min(1).max(4096)
const NOTHING = z.strictObject({})

/**
 * The technician's door: JSON over a Unix socket that only the owner may open. `POST /{act}` with the arguments as one
 * object answers 200 with the result, or 4xx/5xx with `{ code, message, details }`. It shares nothing with the sale API.
 */
export async function openAdminSocket(options: AdminSocketOptions): Promise<AdminSocket> {
  const acts = new Map(Object.entries(actsOf(options)))
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(express.json({ limit: '64kb' }))
  const door: Door = { open: new Set(), closing: false }
  app.post('/:act', perform(acts, door, options.clock))
  app.use(explain(options.log))
  // Not imported, for the memory: see server.ts.
  const server = getBuiltinModule('node:http').createServer(app)
  answerHalfClosed(server)
  // An export may take its time: the answer comes when it is done.
  server.timeout = 0
  server.maxConnections = CONNECTIONS_MAX
  const limits = new ConnectionLimits(options)
  limits.watch(server, 'connections of commands', CONNECTIONS_MAX)
  rmSync(options.path, { force: true })
  await listening(server, options.path)
  chmodSync(options.path, 0o600)
  return {
    close: () => {
      limits.close()
      return closed(server, door, options.clock)
    },
  }
}

function act<Input>(schema: z.ZodType<Input>, run: (input: Input, isWaitedFor: () => boolean) => unknown): Act {
  return async (input, isWaitedFor) => {
    const parsed = schema.safeParse(input)
    if (!parsed.success) throw unfit(parsed.error)
    return run(parsed.data, isWaitedFor)
  }
}

/** Names the argument, and never its value. */
function unfit({ issues: [issue] }: z.ZodError): FiskalError {
  const what = issue === undefined ? '' : `: ${[...issue.path, issue.message].join(': ')}`
  return new FiskalError('invalid_request', `The arguments do not fit the act${what}.`, { reason: 'schema' })
}

type Acts<Name extends string> = Readonly<Record<Name, Act>>

function actsOf(options: AdminSocketOptions): Acts<keyof Administration | 'status' | 'diag'> {
  const { administration, describe, diagnose } = options
  return {
    diag: act(NOTHING, () => diagnose()),
    status: act(NOTHING, () => describe()),
    createKey: act(
      z.strictObject({
        kind: z.enum(['platform', 'register', 'reader']),
        ownerId: text.optional(),
        certificate: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .optional(),
      }),
      ({ kind, ownerId, certificate }) => administration.createKey(kind, ownerId, certificate),
    ),
    listKeys: act(NOTHING, () => administration.listKeys()),
    revokeKey: act(z.strictObject({ id: text }), ({ id }) => administration.revokeKey(id)),
    installation: act(NOTHING, () => administration.installation()),
    auditNotes: act(
      z.strictObject({ range: z.strictObject({ from: text, to: text }), isIssuedSaid: z.boolean() }),
      ({ range, isIssuedSaid }) => administration.auditNotes(range, isIssuedSaid),
    ),
    ...deviceActsOf(administration),
    halfPrinted: act(z.strictObject({ operationId: text }), ({ operationId }) =>
      administration.halfPrinted(operationId),
    ),
    endOperation: act(
      z.strictObject({ operationId: text, reason: text.max(ENDING_REASON_MAX) }),
      ({ operationId, reason }) => administration.endOperation(operationId, reason),
    ),
    listTasks: act(NOTHING, () => administration.listTasks()),
    listDuties: act(NOTHING, () => administration.listDuties()),
    showDuty: act(z.strictObject({ id: text }), ({ id }) => administration.showDuty(id)),
    confirmTask: act(z.strictObject({ id: text, reason: text.max(DISMISS_REASON_MAX).optional() }), ({ id, reason }) =>
      administration.confirmTask(id, reason),
    ),
    seal: act(NOTHING, () => administration.seal()),
    beginEpoch: act(z.strictObject({ above: z.int().min(0) }), ({ above }) => administration.beginEpoch(above)),
    syncStatus: act(NOTHING, () => administration.syncStatus()),
    resumeSync: act(z.strictObject({ target: text }), ({ target }) => administration.resumeSync(target)),
    dismissSync: act(z.strictObject({ target: text, reason: text.max(DISMISS_REASON_MAX) }), ({ target, reason }) =>
      administration.dismissSync(target, reason),
    ),
    listAlerts: act(NOTHING, () => administration.listAlerts()),
    testAlert: act(z.strictObject({ channel: text.optional() }), ({ channel }) => administration.testAlert(channel)),
    display: act(z.strictObject({ registerId: text, renew: z.boolean() }), ({ registerId, renew }) =>
      administration.display(registerId, renew),
    ),
    notices: act(z.strictObject({ location: text.optional(), isTrial: z.boolean() }), ({ location, isTrial }) =>
      administration.notices(location, isTrial),
    ),
    sendDuty: act(z.strictObject({ id: text, reason: z.enum(DUTY_GROUNDS).optional() }), ({ id, reason }) =>
      administration.sendDuty(id, reason),
    ),
    reportOutage: act(
      z.strictObject({
        id: text,
        outage: z.strictObject({ reason: z.enum(OUTAGE_GROUNDS), since: text.optional(), until: text.optional() }),
      }),
      ({ id, outage }) => administration.reportOutage(id, outage),
    ),
    checkAuthority: act(z.strictObject({ merchant: text.optional() }), ({ merchant }) =>
      administration.checkAuthority(merchant),
    ),
    exportTo: exportAct(options),
  }
}

function exportAct({ administration, handOver, clock, log }: AdminSocketOptions): Act {
  const range = z.strictObject({
    from: text,
    to: text,
    registerId: text.optional(),
    deviceId: text.optional(),
    withoutMissing: z.literal(true).optional(),
    unchecked: z.literal(true).optional(),
    untilSeq: z.int().min(0).optional(),
  })
  return act(z.strictObject({ type: text, range, path: text }), async ({ type, range, path }, isWaitedFor) => {
    const answer = await administration.exportTo(type, range, path)
    // A killed command does not move its file, which may be large, or contain an unencrypted key.
    if (!isWaitedFor()) await rm(path, { force: true })
    else if (basename(path).startsWith(handOver)) clock.after(UNCLAIMED_MS, () => void removeUnclaimed(path, log))
    return answer
  })
}

const number = z.int().min(1).max(9999)
const deviceAct = z.union([
  z.enum(PLAIN_DEVICE_ACTS),
  z.strictObject({ act: z.literal('archive'), deletes: z.boolean() }),
  z.strictObject({ act: z.literal('register-client'), client: text }),
  z.strictObject({ act: z.literal('resolve'), seen: text }),
  z.strictObject({ act: z.literal('emergencies') }),
  z.strictObject({ act: z.literal('emergency-sheet'), date: text.optional() }),
  z.strictObject({
    act: z.literal('emergency-open'),
    reason: text.max(EMERGENCY_REASON_MAX),
    calledAt: text.optional(),
    withOtherPrinter: z.boolean().optional(),
  }),
  z.strictObject({ act: z.literal('emergency-close'), forGood: z.boolean().optional() }),
  z.strictObject({ act: z.literal('documents'), z: number, from: number, to: number, day: text, until: text }),
])

/** Acts on one device. */
function deviceActsOf(
  administration: Administration,
): Acts<'devices' | 'deviceAct' | 'secretsSeen' | 'retirable' | 'retireTse' | 'fault'> {
  return {
    devices: act(NOTHING, () => administration.devices()),
    deviceAct: act(z.strictObject({ deviceId: text, act: deviceAct }), (device) =>
      administration.deviceAct(device.deviceId, device.act),
    ),
    secretsSeen: act(z.strictObject({ deviceId: text, names: z.array(text).max(SECRETS_MAX) }), ({ deviceId, names }) =>
      administration.secretsSeen(deviceId, names),
    ),
    retirable: act(z.strictObject({ deviceId: text, successor: text.optional() }), ({ deviceId, successor }) =>
      administration.retirable(deviceId, successor),
    ),
    retireTse: act(
      z.strictObject({ deviceId: text, reason: text.max(RETIREMENT_REASON_MAX), successor: text.optional() }),
      ({ deviceId, reason, successor }) => administration.retireTse(deviceId, reason, successor),
    ),
    fault: act(z.strictObject({ deviceId: text, fault: text }), ({ deviceId, fault }) =>
      administration.fault(deviceId, fault),
    ),
  }
}

async function removeUnclaimed(path: string, log: Log): Promise<void> {
  await rm(path, { force: true }).catch((error: unknown) => log.error({ error }, 'unclaimed export file not removed'))
}

function perform(acts: ReadonlyMap<string, Act>, door: Door, clock: Clock): RequestHandler<{ act: string }> {
  return async (req, res) => {
    const wanted = acts.get(req.params.act)
    if (wanted === undefined) throw new FiskalError('not_found', 'There is no such act.', { resource: 'act' })
    if (door.closing) throw new FiskalError('shutting_down', 'The agent is stopping: nothing was done.')
    door.open.add(res)
    // 102 (RFC 2518 §10.1).
    const showLife = (): void => {
      if (!res.headersSent) res.writeProcessing()
    }
    const silent = every(clock, PROCESSING_EVERY_MS, showLife)
    // A client that only shut its sending side takes it; a command that was interrupted cannot.
    req.socket.once('end', showLife)
    res.once('close', () => {
      void silent()
      door.open.delete(res)
    })
    const result = await wanted(req.body ?? {}, () => door.open.has(res))
    if (!res.headersSent) res.json(result ?? null)
  }
}

function explain(log: Log): ErrorRequestHandler {
  return (error, _req, res, _next) => {
    // The client already has the answer that the agent stops.
    if (res.headersSent) return
    const knownError = knownOf(error)
    if (knownError === undefined) log.error({ error }, 'an administrative act failed')
    res
      .status(knownError instanceof FiskalError ? knownError.status : knownError instanceof DeviceError ? 503 : 500)
      .json({
        code: knownError?.code ?? 'internal_error',
        message: knownError?.message ?? 'An unexpected error occurred; the log of the daemon has it.',
        details: knownError instanceof FiskalError ? knownError.details : {},
      })
  }
}

function knownOf(error: unknown): FiskalError | DeviceError | { code: string; message: string } | undefined {
  if (error instanceof FiskalError || error instanceof DeviceError) return error
  if (error instanceof Error && error.name === 'AbortError') return new FiskalError('shutting_down', STOPPING)
  return refusedBody(error) ?? remediable(error)
}

/** Causes that the technician can fix: a full disk, a missing path, a range without events, too little memory. */
function remediable(error: unknown): { code: string; message: string } | undefined {
  const code = codeOf(error)
  if (code === 'child_ended')
    return { code, message: `${messageOf(error)} Usually the memory of the service was short: run the command again.` }
  if (code === undefined || !/^(?:E[A-Z]+|journal_range_empty)$/.test(code)) return undefined
  return { code, message: messageOf(error) }
}

/** Errors of the body parser: too long, or not JSON. */
function refusedBody(error: unknown): FiskalError | undefined {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500
  return status >= 400 && status < 500
    ? new FiskalError('invalid_request', 'The body is not JSON, or it is too long.')
    : undefined
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function closed(server: Server, door: Door, clock: Clock): Promise<void> {
  door.closing = true
  const ended = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  await within(clock, CLOSE_TIMEOUT_MS, ended)
  const { status, code, message } = new FiskalError('shutting_down', STOPPING)
  // A client that reads slowly may still get the rest of its answer.
  const finished = [...door.open].map((res) => new Promise<void>((resolve) => res.once('close', resolve)))
  for (const res of door.open) if (!res.headersSent) res.status(status).json({ code, message, details: {} })
  await within(clock, CLOSE_TIMEOUT_MS, Promise.all(finished))
  server.closeAllConnections()
  await ended
}
