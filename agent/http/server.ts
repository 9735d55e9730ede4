import type { IncomingMessage, Server as NodeServer, ServerResponse } from 'node:http'
import type { Server, Socket } from 'node:net'
import { createServer as createDoor } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import type { Listener } from '../../base/listening.ts'
import { listenOn } from '../../base/listening.ts'
import type { Application } from '../till/application.ts'
import { createApp } from './app.ts'
import { socketRefuser } from './broken-request.ts'
import { ChangeStreams } from './change-streams.ts'
import { Connections } from './connections.ts'
import { HEADER_LIMIT } from './entry.ts'
import { LateRequests } from './late-requests.ts'
import { createServer, createTlsServer } from './node-http.ts'
import type { Gate, HttpOptions, Tls } from './options.ts'
import { ReadingTurns } from './reading-turns.ts'
import { refusedTerminals } from './refused-terminals.ts'
import { ServedNames } from './served-names.ts'
import { Unanswered } from './unanswered-requests.ts'

export type HttpServer = {
  /** Port 0 takes a free one. Rejects with the system's error where the address cannot be had; `missing`: of `localhost`. */
  listen(listener: Listener): Promise<{ port: number; missing: string[] }>
  /** New connections see this certificate; where no TLS is served nothing happens. */
  renew(tls: Tls): void
  /**
   * Takes no new connection, answers new requests with `shutting_down`, waits for the running ones (at most
   * closeTimeoutMs) and for those that are half there (halfRequestMs), then ends what is left. May be called more than once.
   */
  close(): Promise<void>
}

const HEADER_BYTES = 16 * 1024
/** Above what a till is made to wait unless told otherwise (`deadlineMs`), and far enough below what a stop may take in all. */
const CLOSE_TIMEOUT_MS = 11_000
const HALF_REQUEST_MS = 2_000
/** On each address. */
const CONNECTIONS_MAX = 2_048
const HANDSHAKE_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 15_000

/** As Node names a request that was not whole in time. */
const LATE = 'ERR_HTTP_REQUEST_TIMEOUT'

/** The sale API on its port, with the limits of a server that strangers on the same machine can reach. */
export function createHttpServer(application: Application, options: HttpOptions): HttpServer {
  const unanswered = new Unanswered()
  const connections = new Connections((socket) => unanswered.has(socket))
  const names = new ServedNames(options.tls === undefined ? 'http' : 'https')
  const gate: Gate = { names, connections, closing: false }
  const turns = new ReadingTurns()
  const streams = new ChangeStreams(application.changes, { ...options, turns })
  const app = createApp(application, options, gate, { streams, turns })
  const settings = {
    maxHeaderSize: HEADER_BYTES,
    headersTimeout: options.headersTimeoutMs ?? 10_000,
    requestTimeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    keepAliveTimeout: options.idleTimeoutMs ?? 65_000,
    connectionsCheckingInterval: Math.min(1_000, options.headersTimeoutMs ?? 1_000),
    // Checked by the application, which answers with a problem.
    requireHostHeader: false,
  }
  const secure = options.tls && createTlsServer({ ...settings, ...secureSettings(options.tls) })
  const server = secure ?? createServer(settings)
  server.maxRequestsPerSocket = 10_000
  // One more than allowed: node drops the rest in silence, the application refuses what is over.
  server.maxHeadersCount = HEADER_LIMIT + 1
  // A browser opens connections in advance: those that never said a word must not hold up the end.
  const silent = new Set<Socket>()
  server.on('connection', (socket) => {
    connections.enter(socket)
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  const late = new LateRequests({ clock: options.clock, limitMs: settings.requestTimeout })
  const serve = (req: IncomingMessage, res: ServerResponse): void => {
    if (!unanswered.admit(req, res)) return
    silent.delete(req.socket)
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
  const refuse = socketRefuser(options)
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => {
    const req = unanswered.lastOf(socket)?.req
    const tell = (): void => refuse(error, socket, unanswered.lastOf(socket))
    if (error.code === LATE) void late.judge(socket, req?.complete === false ? req : undefined, tell)
    else tell()
  })
  server.on('connect', (_req, socket) => refuse(new Error('CONNECT'), socket))
  const doors: Server[] = []
  return {
    listen: async (listener) => {
      const { port, missing } = await listen(server, listener, doors, options)
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
      for (const socket of silent) if (socket.bytesRead === 0) socket.destroy()
      const endHalf = (): void => {
        const whole = unanswered.last.filter(({ req }) => req.complete)
        connections.endAllBut(whole.map(({ req }) => req.socket))
      }
      return close(server, doors, endHalf, options)
    },
  }
}

/**
 * Not before what has come in meanwhile is read: after a moment in which the process stood still, a sync of a slow disk,
 * timers come before bytes, and a till's request would be answered by a reset.
 */
async function endIdle(socket: Socket): Promise<void> {
  const { bytesRead } = socket
  await turn()
  if (socket.bytesRead === bytesRead) socket.destroy()
}

/** The doors hand over whom they take: one server, with one set of limits, serves all addresses. */
async function listen(
  server: NodeServer,
  listener: Listener,
  doors: Server[],
  { log, tls }: HttpOptions,
): Promise<{ port: number; missing: string[] }> {
  const makeDoor = (): Server => {
    // As Node makes its own servers of HTTP.
    const door = createDoor({ allowHalfOpen: tls === undefined, noDelay: true })
    return door.on('connection', (socket) => server.emit('connection', socket))
  }
  const listening = await listenOn(server, listener, makeDoor)
  doors.push(...listening.doors)
  for (const one of [server, ...doors]) {
    one.maxConnections = CONNECTIONS_MAX
    // Out of file descriptors: the listener goes on as soon as one is free.
    one.on('error', ({ name, message }) => log.error({ error: name, message }, 'accept failed'))
  }
  return listening
}

function secureSettings({ key, cert, ca, demandsClient }: Tls) {
  const clients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: demandsClient }
  return { key, cert, minVersion: 'TLSv1.2' as const, handshakeTimeout: HANDSHAKE_TIMEOUT_MS, ...clients }
}

/** `endHalf` ends connections on which no whole request is at work: a closed server no longer watches how long they take. */
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
