import { once } from 'node:events'
import type {
  Server as HttpServer,
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http'
import { createServer, Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'
import type { Listener } from '../../../base/listening.ts'
import { listenOn } from '../../../base/listening.ts'

/** A request with its whole body. */
export type Received = {
  readonly method: string
  /** The path with its query. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** An answer; a stream is passed on as it comes. */
export type Reply = { readonly status: number; readonly headers: OutgoingHttpHeaders; readonly body: Buffer | Readable }

export type ProxyOptions = {
  /** Answers, or not: one call for each request. A rejection drops the connection. */
  readonly serve: (line: Line) => Promise<void>
  /** The rest of a longer body is dropped: the server refuses it anyway. */
  readonly bodyMaxBytes: number
}

const CONNECTIONS_MAX = 2_048
/** As many bytes are missing in an answer that was cut. */
const CUT_BYTES = 20
/** Headers of one connection, which a proxy does not pass on (RFC 9110 § 7.6.1). A client may offer HTTP/2 (Java does). */
const OF_THE_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'http2-settings', 'expect']

/** One request, and the ways to answer it or to lose it. */
export class Line {
  readonly received: Received
  readonly #server: number
  readonly #response: ServerResponse

  constructor(received: Received, server: number, response: ServerResponse) {
    this.received = received
    this.#server = server
    this.#response = response
  }

  /** Resolves when the caller has closed the connection before it had its answer; else never. */
  get left(): Promise<void> {
    return new Promise((resolve) => {
      this.#response.once('close', () => {
        if (!this.#response.writableFinished) resolve()
      })
    })
  }

  /** The server's answer. Throws without one. */
  forward(): Promise<Reply> {
    const { method, target, headers, body } = this.received
    return new Promise((resolve, reject) => {
      const sent = httpRequest(this.#addressed(method, target, headers, body.length), (answer) => {
        resolve(replyOf(answer))
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }

  /** The server gets half of the body, and the connection ends. */
  forwardHalf(): void {
    const { method, target, headers, body } = this.received
    const sent = httpRequest(this.#addressed(method, target, headers, body.length))
    sent.on('error', () => undefined)
    sent.write(body.subarray(0, body.length / 2), () => sent.destroy())
  }

  /** False if the caller has not taken all of it. `thenClose`: ends the connection, without notice. */
  send({ status, headers, body }: Reply, thenClose = false): Promise<boolean> {
    const response = this.#response
    const { socket } = response
    if (response.destroyed || socket === null) return Promise.resolve(false)
    return new Promise((resolve) => {
      response.once('finish', () => {
        if (thenClose) socket.end()
        resolve(true)
      })
      response.once('close', () => resolve(response.writableFinished))
      if (body instanceof Readable) {
        response.writeHead(status, headers)
        response.once('close', () => body.destroy())
        body.once('error', () => response.destroy())
        body.pipe(response)
        return
      }
      const hasLength = this.received.method === 'HEAD' || status === 204 || status === 304
      response.writeHead(status, hasLength ? headers : { ...headers, 'content-length': body.length })
      response.end(body)
    })
  }

  /** The answer without its last bytes; then the connection ends. */
  cut({ status, headers, body }: Reply): void {
    const response = this.#response
    if (body instanceof Readable) throw new TypeError('a stream has no end to cut')
    response.writeHead(status, { ...headers, 'content-length': body.length })
    response.write(body.subarray(0, Math.max(0, body.length - CUT_BYTES)), () => response.destroy())
  }

  /** The answer, byte by byte. */
  async drip({ status, headers, body }: Reply, pause: () => Promise<void>): Promise<void> {
    const response = this.#response
    if (body instanceof Readable) throw new TypeError('a stream comes as it comes')
    response.writeHead(status, { ...headers, 'content-length': body.length })
    for (const byte of body) {
      if (response.destroyed) return
      response.write(Buffer.of(byte))
      await pause()
    }
  }

  /** The connection ends without an answer. */
  drop(): void {
    this.#response.destroy()
  }

  /** The same with a reset. */
  reset(): void {
    const { socket } = this.#response
    if (socket === null) this.#response.destroy()
    else socket.resetAndDestroy()
  }

  #addressed(method: string, path: string, headers: IncomingHttpHeaders, length: number) {
    const hasBody = length > 0 || headers['content-length'] !== undefined
    const all = { ...endToEnd(headers), ...(hasBody && { 'content-length': String(length) }) }
    return { host: '127.0.0.1', port: this.#server, agent: UPSTREAM, method, path, headers: all }
  }
}

/** A connection for each request: one that is kept would end with a server that is killed. */
const UPSTREAM = new HttpAgent({ keepAlive: false })

/** Between a client and a server of this machine; loses requests and answers as `serve` decides. */
export class LosingProxy {
  /** The most connections that were open at a time. */
  most = 0
  #open = 0
  readonly #options: ProxyOptions
  readonly #servers: HttpServer[] = []
  #upstream = 0

  constructor(options: ProxyOptions) {
    this.#options = options
  }

  /** `localhost` is both loopback addresses; port 0 is a free one. */
  async listen(listener: Listener): Promise<number> {
    const server = this.#newServer()
    const { port, doors } = await listenOn(server, listener, () => this.#newServer())
    this.#servers.push(server, ...(doors as HttpServer[]))
    return port
  }

  /** The port of the server; at 0 each connection is dropped. */
  redirectTo(port: number): void {
    this.#upstream = port
  }

  closeIdle(): void {
    for (const server of this.#servers) server.closeIdleConnections()
  }

  async close(): Promise<void> {
    for (const server of this.#servers.splice(0)) {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }

  #newServer(): HttpServer {
    // Connections are kept alive: only a fault ends one.
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 60_000 }, (request, response) => {
      void this.#serve(request, response).catch(() => response.destroy())
    })
    server.maxConnections = CONNECTIONS_MAX
    // Without free file descriptors: it continues as soon as one is free.
    server.on('error', () => undefined)
    server.on('connection', (socket) => {
      this.#open++
      this.most = Math.max(this.most, this.#open)
      socket.once('close', () => {
        this.#open--
      })
    })
    return server
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined)
    const pieces: Buffer[] = []
    let length = 0
    for await (const piece of request as AsyncIterable<Buffer>) {
      if (length < this.#options.bodyMaxBytes) pieces.push(piece)
      length += piece.length
    }
    const { method = 'GET', url = '/', headers } = request
    const received = { method, target: url, headers, body: Buffer.concat(pieces) }
    if (this.#upstream === 0) response.destroy()
    else await this.#options.serve(new Line(received, this.#upstream, response))
  }
}

/** The headers that are not of one connection. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.includes(name)))
}

async function replyOf(answer: IncomingMessage): Promise<Reply> {
  const headers = endToEnd(answer.headers)
  const status = answer.statusCode ?? 502
  if (String(headers['content-type']).startsWith('text/event-stream')) return { status, headers, body: answer }
  const pieces: Buffer[] = []
  for await (const piece of answer as AsyncIterable<Buffer>) pieces.push(piece)
  return { status, headers, body: Buffer.concat(pieces) }
}
