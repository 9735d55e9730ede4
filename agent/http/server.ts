import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
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
import { Unanswered } from './unanswered-requests.ts'

export type HttpServer = {
  /** Port 0 takes a free one. Rejects with the system's error where the address cannot be had. */
  listen(host: string, port: number): Promise<{ host: string; port: number }>
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
const USUAL_PORTS = { http: ':80', https: ':443' } as const
const HANDSHAKE_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 15_000

/** As Node names a request that was not whole in time. */
const LATE = 'ERR_HTTP_REQUEST_TIMEOUT'

/** The sale API on its port, with the limits of a server that strangers on the same machine can reach. */
export function createHttpServer(application: Application, options: HttpOptions): HttpServer {
  const unanswered = new Unanswered()
  const connections = new Connections((socket) => unanswered.has(socket))
  const gate: Gate = { hosts: new Set(), ownOrigins: new Set(), connections, closing: false }
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
  server.maxConnections = 2_048
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
  return {
    listen: (host, port) => listen(server, host, port, gate, options),
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
      return close(server, endHalf, options)
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

function listen(
  server: Server,
  host: string,
  port: number,
  gate: Gate,
  options: HttpOptions,
): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      // Out of file descriptors: the listener goes on as soon as one is free.
      server.on('error', ({ name, message }) => options.log.error({ error: name, message }, 'accept failed'))
      const address = server.address()
      const bound = typeof address === 'object' && address !== null ? address.port : port
      const scheme = options.tls === undefined ? 'http' : 'https'
      const names = ['127.0.0.1', '[::1]', 'localhost', ...(options.names ?? [])].map((name) => `${name}:${bound}`)
      for (const name of [...names, ...options.allowedHosts].flatMap((one) => asWritten(one, scheme))) {
        gate.hosts.add(name.toLowerCase())
        gate.ownOrigins.add(`${scheme}://${name.toLowerCase()}`)
      }
      resolve({ host, port: bound })
    })
  })
}

/** Every client leaves out the port that its scheme has anyway (RFC 9110 §4.2), and a browser also in an Origin. */
function asWritten(name: string, scheme: keyof typeof USUAL_PORTS): string[] {
  const usual = USUAL_PORTS[scheme]
  return name.endsWith(usual) ? [name, name.slice(0, -usual.length)] : [name]
}

function secureSettings({ key, cert, ca, demandsClient }: Tls) {
  const clients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: demandsClient }
  return { key, cert, minVersion: 'TLSv1.2' as const, handshakeTimeout: HANDSHAKE_TIMEOUT_MS, ...clients }
}

/** `endHalf` ends connections on which no whole request is at work: a closed server no longer watches how long they take. */
function close(server: Server, endHalf: () => void, options: HttpOptions): Promise<void> {
  const { clock, closeTimeoutMs = CLOSE_TIMEOUT_MS, halfRequestMs = HALF_REQUEST_MS } = options
  return new Promise((resolve) => {
    const cancelHalf = clock.after(halfRequestMs, endHalf)
    const cancel = clock.after(closeTimeoutMs, () => server.closeAllConnections())
    server.close(() => {
      cancelHalf()
      cancel()
      resolve()
    })
    server.closeIdleConnections()
  })
}
