import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import { connect as connectPlain } from 'node:net'
import { getBuiltinModule } from 'node:process'
import { connect as connectTls } from 'node:tls'
import type { Clock } from '../../base/clock.ts'
import { lookupWithin } from '../../base/names.ts'
import { clientTrust } from '../../base/trust.ts'
import { atDeadline } from '../delay.ts'
import type { Effect } from '../errors.ts'
import type { LostAnswer } from '../ports/authority.ts'
import type { HttpAnswer } from './answers.ts'
import type { Envelope } from './requests.ts'

/** `credentials`: user:password of the proxy; `authority`: PEM instead of the public authorities. Both are read at each call. */
export type TransportOptions = {
  readonly url: string
  readonly proxy: { readonly url: string; readonly credentials: (() => Promise<string>) | undefined } | undefined
  readonly authority: (() => Promise<string>) | undefined
  readonly clock: Clock
  readonly callMs: number
}

/** No answer. `effect`: `none` if the request was certainly not sent. */
export class LostError extends Error {
  override readonly name = 'LostError'
  readonly lost: LostAnswer
  readonly effect: Effect

  constructor(lost: LostAnswer, effect: Effect, message: string) {
    super(message)
    this.lost = lost
    this.effect = effect
  }
}

const BODY_MAX = 1 << 20
/** Within the time of the call. */
const NAME_MS = 10_000
/** For each of several addresses of a name. */
const ADDRESS_MS = 2000
/** Responses of status 1xx before the final one. */
const INTERIM_MAX = 16

/** A call in progress: how far it came, and all that it opened. */
class Call {
  stage: 'connect' | 'tls' | 'sent' = 'connect'
  readonly #opened: { destroy(error?: Error): unknown }[] = []
  readonly #reject: (error: unknown) => void
  readonly ended: Promise<never>
  isOver = false

  constructor() {
    let end: (error: unknown) => void = () => undefined
    this.ended = new Promise((_resolve, reject) => {
      end = reject
    })
    this.ended.catch(() => undefined)
    this.#reject = end
  }

  own<T extends { destroy(error?: Error): unknown }>(opened: T): T {
    if (this.isOver) opened.destroy()
    this.#opened.push(opened)
    return opened
  }

  fail(error: unknown): void {
    this.#reject(error)
    this.close()
  }

  lose(lost: LostAnswer, message: string): void {
    this.fail(new LostError(lost, this.stage === 'sent' ? 'unknown' : 'none', message))
  }

  /** The line broke. */
  break(error: Error): void {
    this.lose(this.stage === 'sent' ? 'reset' : this.stage, error.message)
  }

  close(): void {
    this.isOver = true
    for (const opened of this.#opened) opened.destroy()
  }
}

/**
 * Posts an envelope over a new connection; no redirect is followed. `callMs` limits all of it. Throws LostError,
 * and the reason of `signal`.
 */
export async function postEnvelope(
  options: TransportOptions,
  envelope: Envelope,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  signal.throwIfAborted()
  const call = new Call()
  const cancel = atDeadline(options.clock, options.callMs, () => call.lose('timeout', 'no answer in time'))
  const stop = (): void => call.fail(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([call.ended, posted(options, envelope, call)])
  } catch (error) {
    if (signal.aborted || error instanceof LostError) throw error
    throw new LostError(
      call.stage === 'sent' ? 'reset' : call.stage,
      call.stage === 'sent' ? 'unknown' : 'none',
      error instanceof Error ? error.message : String(error),
    )
  } finally {
    cancel()
    signal.removeEventListener('abort', stop)
    call.close()
  }
}

/** Connects and, with TLS, checks the certificate; sends no request. Throws as {@link postEnvelope}. */
export async function reachService(options: TransportOptions): Promise<void> {
  const call = new Call()
  const cancel = atDeadline(options.clock, options.callMs, () => call.lose('timeout', 'no answer in time'))
  try {
    await Promise.race([call.ended, lineTo(options, call)])
  } finally {
    cancel()
    call.close()
  }
}

async function posted(options: TransportOptions, envelope: Envelope, call: Call): Promise<HttpAnswer> {
  const line = await lineTo(options, call)
  const body = Buffer.from(envelope.body, 'utf8')
  const { host } = new URL(options.url)
  const headers = {
    Host: host,
    'Content-Type': 'text/xml; charset=utf-8',
    'Content-Length': String(body.length),
    SOAPAction: `"${envelope.action}"`,
    Connection: 'close',
  }
  const path = new URL(options.url).pathname.replace(/\/+$/, '') + envelope.path
  return new Promise((resolve) => {
    const sent = begin({ createConnection: () => line, method: 'POST', path, headers }, call)
    sent.on('response', (response) => collect(response, call, resolve))
    call.stage = 'sent'
    sent.end(body)
  })
}

function begin(request: RequestOptions, call: Call): ClientRequest {
  // Not imported: reading all members of node:http, as an import does, loads a fetch client of 14 MB.
  const sent = call.own(getBuiltinModule('node:http').request(request))
  sent.on('error', (error) => call.break(error))
  let interim = 0
  sent.on('information', () => {
    interim += 1
    if (interim === INTERIM_MAX) call.lose('http', 'it announces and does not answer')
  })
  return sent
}

function collect(response: IncomingMessage, call: Call, resolve: (answer: HttpAnswer) => void): void {
  const chunks: Buffer[] = []
  let length = 0
  response.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > BODY_MAX) return call.lose('too_large', 'the answer is larger than 1 MiB')
    chunks.push(chunk)
  })
  response.on('error', (error) => call.break(error))
  response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }))
}

/** A connection to the service, through the proxy if there is one, with TLS for https:. */
async function lineTo(options: TransportOptions, call: Call): Promise<Socket> {
  const { hostname, protocol, port } = new URL(options.url)
  const host = bare(hostname)
  const target = { host, port: Number(port) || (protocol === 'http:' ? 80 : 443) }
  const line = await (options.proxy === undefined ? connected(target, call) : throughProxy(options.proxy, target, call))
  if (protocol === 'http:') return line
  call.stage = 'tls'
  const ca = await options.authority?.()
  const trust = clientTrust(ca === undefined ? {} : { ca })
  return new Promise((resolve) => {
    const secure = call.own(connectTls({ socket: line, servername: host, ...trust }))
    secure.once('error', (error) => call.break(error))
    secure.once('secureConnect', () => resolve(secure))
  })
}

function connected(at: { host: string; port: number }, call: Call): Promise<Socket> {
  return new Promise((resolve) => {
    const way = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: ADDRESS_MS, lookup: lookupWithin(NAME_MS) }
    const socket = call.own(connectPlain({ ...at, ...way, noDelay: true }))
    socket.on('error', (error) => call.break(error))
    socket.once('connect', () => resolve(socket))
  })
}

/** A tunnel (RFC 9110 § 9.3.6). */
async function throughProxy(
  { url, credentials }: NonNullable<TransportOptions['proxy']>,
  target: { host: string; port: number },
  call: Call,
): Promise<Socket> {
  const at = new URL(url)
  const line = await connected({ host: bare(at.hostname), port: Number(at.port) || 80 }, call)
  const name = target.host.includes(':') ? `[${target.host}]` : target.host
  const authority = `${name}:${target.port}`
  const login = await credentials?.()
  const headers = {
    Host: authority,
    ...(login === undefined ? {} : { 'Proxy-Authorization': `Basic ${Buffer.from(login, 'utf8').toString('base64')}` }),
  }
  return new Promise((resolve) => {
    const sent = begin({ createConnection: () => line, method: 'CONNECT', path: authority, headers }, call)
    const refused = (status: number | undefined) => call.lose('connect', `the proxy answers ${status}`)
    sent.on('connect', ({ statusCode }, socket, early) => {
      if (statusCode === undefined || statusCode < 200 || statusCode > 299) return refused(statusCode)
      if (early.length > 0) socket.unshift(early)
      resolve(socket as Socket)
    })
    sent.on('response', ({ statusCode }) => refused(statusCode))
    sent.end()
  })
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}
