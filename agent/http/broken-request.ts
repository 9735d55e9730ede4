import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FiskalError } from '../errors.ts'
import { HEADER_LIMIT, malformed, refusalHeaders } from './entry.ts'
import { requestIdOf } from './exchange.ts'
import type { HttpOptions } from './options.ts'
import { renderProblem } from './problem.ts'
import { tooManyRequests } from './rate.ts'
import type { Strangers } from './strangers.ts'

const LINGER_MS = 1_000

type Answering = Pick<HttpOptions, 'allowedOrigins' | 'log' | 'clock'> & Pick<Strangers, 'waitSeconds'>

/** Answers bytes that never became a request: 400 on the bare socket, which is then closed. */
type RefuseSocket = (error: Error & { code?: string }, socket: Socket, running?: ServerResponse) => void

/**
 * `running` is the last request of the socket that is still being answered. `waitSeconds`: that of Strangers, and
 * undefined for a till.
 */
export function socketRefuser(options: HttpOptions, waitSeconds: Strangers['waitSeconds']): RefuseSocket {
  // The parser may complain again about what follows.
  const refused = new WeakSet<Socket>()
  return (error, socket, running) => {
    if (refused.has(socket)) return
    refused.add(socket)
    refuse(error, socket, running, { ...options, waitSeconds })
  }
}

function refuse(
  error: Error & { code?: string },
  socket: Socket,
  running: ServerResponse | undefined,
  answering: Answering,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  // An earlier request of the same connection is still being answered: its answer goes first.
  if (running?.req.complete === true && !running.writableFinished) {
    running.once('close', () => answer(error, socket, undefined, answering))
    return
  }
  if (running?.headersSent === true) {
    socket.destroy()
    return
  }
  answer(error, socket, running?.req.complete === false ? running.req.headers.origin : undefined, answering)
}

/** `origin`: of the page, if the headers were read. */
function answer(
  error: Error & { code?: string },
  socket: Socket,
  origin: string | undefined,
  { allowedOrigins, log, clock, waitSeconds }: Answering,
): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const requestId = requestIdOf(undefined)
  const seconds = waitSeconds(socket)
  const refusal = seconds === undefined ? refusalOfParser(error.code) : tooManyRequests(seconds)
  const problem = renderProblem(refusal, requestId, undefined, '')
  const headers = Object.entries({ ...refusalHeaders(origin, allowedOrigins), ...problem.headers })
  const head = [
    `HTTP/1.1 ${problem.status} ${seconds === undefined ? 'Bad Request' : 'Too Many Requests'}`,
    'Connection: close',
    `Content-Type: ${problem.mediaType}`,
    `Content-Length: ${Buffer.byteLength(problem.body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${requestId}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ]
  if (seconds === undefined)
    log.info({ request_id: requestId, route: '-', status: 400, code: 'invalid_request' }, 'request')
  // Drops what the client still sends for a moment: closing at once would reset the connection before it reads the
  // answer.
  socket.on('error', () => socket.destroy())
  socket.on('data', () => undefined)
  socket.end(`${head.join('\r\n')}\r\n\r\n${problem.body}`)
  const cancel = clock.after(LINGER_MS, () => socket.destroy())
  socket.once('close', cancel)
}

function refusalOfParser(code: string | undefined): FiskalError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return malformed(`The headers are longer than 16 KiB, or more than ${HEADER_LIMIT}.`)
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return malformed('The request did not arrive whole in time.')
  if (code === 'HPE_UNEXPECTED_CONTENT_LENGTH')
    return malformed('More than one Content-Length header, or one with Transfer-Encoding: send it once and alone.')
  return malformed('This is not an HTTP request.')
}
