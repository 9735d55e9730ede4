import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Clock } from '../../base/clock.ts'
import { CodedError, messageOf } from '../../base/thrown.ts'

const CONNECT_MS = 5_000
const IDLE_MS = 10_000
const TOTAL_MS = 30_000
const ANSWER_BYTES = 64 << 10
/** Limit of the answers with status 1xx before the final answer. */
const INTERIM_ANSWERS = 16

export type HttpRequest = {
  readonly url: URL
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST'
  readonly headers: { readonly [name: string]: string }
  readonly body?: Uint8Array
}

export type HttpAnswer = {
  /** The method of the request: an answer to HEAD has no content. */
  readonly method: HttpRequest['method']
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/**
 * The exchange ended without an answer. `code` is Node's own or one of ours: `time-out`, `connect_time_out`,
 * `no_answer`, `answer_too_large`.
 */
export class ExchangeError extends CodedError {
  override readonly name = 'ExchangeError'
}

/**
 * One request, no redirect followed, nothing decompressed. Ends within 30 s in all, 5 s to connect, 10 s between two
 * pieces of the answer, 64 KiB of answer. Rejects with ExchangeError; the socket is then destroyed.
 */
export function exchange(request: HttpRequest, agent: Agent, clock: Clock, signal: AbortSignal): Promise<HttpAnswer> {
  const { url, method, headers, body } = request
  const options: RequestOptions = { method, agent, headers: { ...headers, 'content-length': body?.length ?? 0 } }
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === 'http:' ? httpRequest : httpsRequest)(url, options)
    const deadlines = new Deadlines(clock, sent)
    const abort = (): void => void sent.destroy(new ExchangeError('stopped', 'The sync was stopped.'))
    const finish = (): void => {
      deadlines.clear()
      signal.removeEventListener('abort', abort)
    }
    // After the answer has begun, its stream reports an error, and the request no longer does.
    const fail = (error: NodeJS.ErrnoException): void => {
      finish()
      sent.destroy()
      reject(new ExchangeError(error.code ?? 'network_error', saidBy(error)))
    }
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    let answered = false
    let isRepeated = false
    boundInterimAnswers(sent)
    // A server that changes the protocol (101) ends the exchange with neither an answer nor an error.
    sent.on('close', () => {
      if (!answered && !isRepeated) fail(new ExchangeError('no_answer', 'The target speaks another protocol.'))
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // The target does not read the rest of the body; its answer is arriving.
      if (answered && error.code === 'EPIPE') return
      // A kept connection that the target closed at the same moment proves nothing about the target.
      const stale = sent.reusedSocket && /^(ECONNRESET|EPIPE)$/.test(error.code ?? '') && !answered && !signal.aborted
      if (!stale) return fail(error)
      isRepeated = true
      finish()
      exchange(request, agent, clock, signal).then(resolve, reject)
    })
    sent.on('response', (answer) => {
      answered = true
      collect(answer, deadlines).then((bytes) => {
        finish()
        // A server that answers and does not read the rest would keep the next request waiting on this connection.
        if (!sent.writableFinished) sent.destroy()
        resolve({ method, status: answer.statusCode ?? 0, headers: answer.headers, body: bytes })
      }, fail)
    })
    sent.end(body)
  })
}

/** Node waits through them, and a flood of them takes the time of everything in the process. */
function boundInterimAnswers(sent: ClientRequest): void {
  let count = 0
  sent.on('information', () => {
    count += 1
    if (count > INTERIM_ANSWERS)
      sent.destroy(new ExchangeError('no_answer', 'The target announces and does not answer.'))
  })
}

async function collect(answer: IncomingMessage, deadlines: Deadlines): Promise<Buffer> {
  const pieces: Buffer[] = []
  let bytes = 0
  deadlines.idle()
  for await (const piece of answer as AsyncIterable<Buffer>) {
    deadlines.idle()
    bytes += piece.length
    if (bytes > ANSWER_BYTES) throw new ExchangeError('answer_too_large', 'The answer is larger than 64 KiB.')
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** Removes the line break of OpenSSL. */
function saidBy(error: Error): string {
  return messageOf(error).trim()
}

/** Total, not only idle: an answer of one byte each ten seconds must end too. */
class Deadlines {
  readonly #clock: Clock
  readonly #sent: ClientRequest
  readonly #total: () => void
  #cancelIdle: () => void = () => undefined

  constructor(clock: Clock, sent: ClientRequest) {
    this.#clock = clock
    this.#sent = sent
    this.#total = this.#end(TOTAL_MS, 'time_out', 'The target did not answer within 30 s.')
    sent.on('socket', (socket) => {
      if (!socket.connecting) return
      const cancel = this.#end(CONNECT_MS, 'connect_time_out', 'The target did not accept a connection within 5 s.')
      socket.once('connect', cancel)
      socket.once('close', cancel)
    })
  }

  idle(): void {
    this.#cancelIdle()
    this.#cancelIdle = this.#end(IDLE_MS, 'time_out', 'The target stopped in the middle of its answer.')
  }

  clear(): void {
    this.#total()
    this.#cancelIdle()
  }

  #end(delayMs: number, code: string, message: string): () => void {
    return this.#clock.after(delayMs, () => void this.#sent.destroy(new ExchangeError(code, message)))
  }
}
