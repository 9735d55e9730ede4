import type { IncomingMessage, Server as NodeServer, ServerResponse } from 'node:http'
import type { Server, Socket } from 'node:net'
import { createServer as createDoor } from 'node:net'
import { getBuiltinModule } from 'node:process'
import { setImmediate as nextIteration } from 'node:timers/promises'
import { ConnectionLimits } from '../../base/connection-limits.ts'
import { answerHalfClosed } from '../../base/half-closed.ts'
import type { Listener } from '../../base/listening.ts'
import { listenOn } from '../../base/listening.ts'
import { Unanswered } from '../../base/unanswered-requests.ts'
import type { Application } from '../till/application.ts'
import { createApp, STALLED_MS } from './app.ts'
import { socketRefuser } from './broken-request.ts'
import { ChangeStreams } from './change-streams.ts'
import { Connections } from './connections.ts'
import { HEADER_LIMIT } from './entry.ts'
import { LateRequests } from './late-requests.ts'
import type { Gate, HttpOptions, Tls } from './options.ts'
import { ReadQueue } from './read-queue.ts'
import { refusedTerminals } from './refused-terminals.ts'
import { ServedNames } from './served-names.ts'
import { Strangers } from './strangers.ts'

export type HttpServer = {
  /**
   * Port 0 takes a free one. Rejects with the system's error if the address cannot be bound; `missing`: of `localhost`.
   */
  listen(listener: Listener): Promise<{ port: number; missing: string[] }>
  /** New connections get this certificate; does nothing without TLS. */
  renew(tls: Tls): void
  /**
   * Accepts no new connection, answers new requests with `shutting_down`, waits for the running ones (at most
   * closeTimeoutMs) and for incomplete ones (halfRequestMs), then ends the rest. May be called more than once.
   */
  close(): Promise<void>
}

const HEADER_BYTES = 16 * 1024
/** Longer than the default deadline of a request (`deadlineMs`), and well below the time limit of a stop. */
const CLOSE_TIMEOUT_MS = 11_000
const HALF_REQUEST_MS = 2_000
/** On each address. */
const CONNECTIONS_MAX = 2_048
const HANDSHAKE_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 15_000
const PIPELINED_MAX = 256

/** Node's code for a request that timed out before it was complete. */
const LATE = 'ERR_HTTP_REQUEST_TIMEOUT'

/** The sale API on its port, with the limits of a server that other programs of the machine can reach. */
export function createHttpServer(application: Application, options: HttpOptions): HttpServer {
  const unanswered = new Unanswered(PIPELINED_MAX)
  const limits = new ConnectionLimits(options)
  const connections = new Connections(
    (socket) => unanswered.has(socket),
    (what, most) => limits.report(what, most),
    options.stalledMs ?? STALLED_MS,
  )
  const names = new ServedNames(options.tls === undefined ? 'http' : 'https')
  const gate: Gate = { names, connections, strangers: new Strangers(options), closing: false }
  const reads = new ReadQueue()
  const streams = new ChangeStreams(application.changes, { ...options, reads })
  const app = createApp(application, options, gate, { streams, reads })
  const settings = {
    maxHeaderSize: HEADER_BYTES,
    headersTimeout: options.headersTimeoutMs ?? 10_000,
    requestTimeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    keepAliveTimeout: options.idleTimeoutMs ?? 65_000,
    connectionsCheckingInterval: Math.min(1_000, options.headersTimeoutMs ?? 1_000),
    // The application checks it and answers with a problem.
    requireHostHeader: false,
  }
  const overTls = options.tls && { ...settings, ...secureSettings(options.tls), allowHalfOpen: true }
  // An `import` reads every member of node:http, and one of them loads a fetch client: 4 MB of idle memory (ADR 070).
  const secure = overTls && getBuiltinModule('node:https').createServer(overTls)
  const server = secure ?? getBuiltinModule('node:http').createServer(settings)
  answerHalfClosed(server)
  server.maxRequestsPerSocket = 10_000
  // One more than allowed: Node silently drops the rest, and the application refuses the one.
  server.maxHeadersCount = HEADER_LIMIT + 1
  server.on('connection', (socket) => connections.enter(socket))
  const late = new LateRequests({ clock: options.clock, limitMs: settings.requestTimeout })
  const serve = (req: IncomingMessage, res: ServerResponse): void => {
    if (!unanswered.admit(req, res)) return
    late.noteRequest(req)
    res.once('close', () => {
      if (gate.closing) server.closeIdleConnections()
    })
    app(req, res)
  }
  secure?.on('tlsClientError', refusedTerminals(options))
  server.on('timeout', (socket) => void endIdle(socket))
  server.on('request', serve)
  server.on('checkContinue', serve)
  server.on('checkExpectation', serve)
  const refuse = refuserOf(options, connections, gate)
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => {
    const req = unanswered.lastOf(socket)?.req
    const refuseRequest = (): void => refuse(error, socket, unanswered.lastOf(socket))
    if (error.code === LATE) void late.judge(socket, req?.complete === false ? req : undefined, refuseRequest)
    else refuseRequest()
  })
  server.on('connect', ({ socket }) => refuse(new Error('CONNECT'), socket))
  const doors: Server[] = []
  return {
    listen: async (listener) => {
      const { port, missing } = await listen(server, listener, doors, limits, options)
      for (const name of ['127.0.0.1', '[::1]', 'localhost', ...(options.names ?? [])]) names.allow(`${name}:${port}`)
      for (const name of options.allowedHosts) names.allow(name)
      return { port, missing }
    },
    renew: (tls) => secure?.setSecureContext(secureSettings(tls)),
    close: () => {
      gate.closing = true
      for (const res of unanswered.last) {
        if (!res.headersSent) res.setHeader('Connection', 'close')
      }
      streams.close()
      limits.close()
      connections.endSilent()
      const endHalf = (): void => {
        const whole = unanswered.last.filter(({ req }) => req.complete)
        connections.endAllBut(whole.map(({ req }) => req.socket))
      }
      return close(server, doors, endHalf, options)
    },
  }
}

/** A stranger with a large answer that it may not have read gets no other one. */
function refuserOf(
  options: HttpOptions,
  connections: Connections,
  { strangers }: Gate,
): ReturnType<typeof socketRefuser> {
  const refuse = socketRefuser(options, (socket) =>
    connections.isStranger(socket) ? strangers.waitSeconds(socket) : undefined,
  )
  return (error, socket, running) => {
    if (connections.unread.hasLarge(socket)) socket.destroy()
    else refuse(error, socket, running)
  }
}

/**
 * Ends an idle connection, unless bytes have arrived. After the process was blocked, as by an fsync on a slow disk, timers
 * run before sockets are read: without this the request of a till would be answered by a reset.
 */
async function endIdle(socket: Socket): Promise<void> {
  const { bytesRead } = socket
  await nextIteration()
  if (socket.bytesRead === bytesRead) socket.destroy()
}

/** The doors pass their connections on: one server, with one set of limits, serves all addresses. */
async function listen(
  server: NodeServer,
  listener: Listener,
  doors: Server[],
  limits: ConnectionLimits,
  { log }: HttpOptions,
): Promise<{ port: number; missing: string[] }> {
  const makeDoor = (): Server => {
    // The options that Node uses for its own HTTP servers, and `server` for its TLS.
    const door = createDoor({ allowHalfOpen: true, noDelay: true })
    return door.on('connection', (socket) => server.emit('connection', socket))
  }
  const listening = await listenOn(server, listener, makeDoor)
  doors.push(...listening.doors)
  for (const one of [server, ...doors]) {
    one.maxConnections = CONNECTIONS_MAX
    limits.watch(one, 'connections to an address', CONNECTIONS_MAX)
    // Without free file descriptors: the listener continues as soon as one is free.
    one.on('error', ({ name, message }) => log.error({ error: name, message }, 'accept failed'))
  }
  return listening
}

function secureSettings({ key, cert, ca, demandsClient }: Tls) {
  const clients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: demandsClient }
  return { key, cert, minVersion: 'TLSv1.2' as const, handshakeTimeout: HANDSHAKE_TIMEOUT_MS, ...clients }
}

/** `endHalf` ends connections without a complete request: a closed server no longer enforces their timeouts. */
async function close(
  server: NodeServer,
  doors: readonly Server[],
  endHalf: () => void,
  options: HttpOptions,
): Promise<void> {
  const { clock, closeTimeoutMs = CLOSE_TIMEOUT_MS, halfRequestMs = HALF_REQUEST_MS } = options
  const cancelHalf = clock.after(halfRequestMs, endHalf)
  const cancel = clock.after(closeTimeoutMs, () => server.closeAllConnections())
  const closed = [server, ...doors].map((one) => new Promise<void>((resolve) => void one.close(() => resolve())))
  server.closeIdleConnections()
  await Promise.all(closed)
  cancelHalf()
  cancel()
}
