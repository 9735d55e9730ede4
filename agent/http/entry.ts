import type { Socket } from 'node:net'
import type { Request, Response } from 'express'
import { headerNames, repeatedHeader } from '../../base/repeated-header.ts'
import type { Reason } from '../errors.ts'
import { FiskalError } from '../errors.ts'
import { exchangeOf } from './exchange.ts'
import type { Gate } from './options.ts'
import { HEAD_BYTES } from './unread-answers.ts'

const URL_LIMIT = 2_048
export const HEADER_LIMIT = 100

/** Headers of which a request has one. A proxy may add a second X-Request-Id, which is for the log alone. */
const ONCE = headerNames([
  ...['Host', 'Authorization', 'X-Register-Api-Key', 'X-OpenFiskal-Merchant', 'OpenFiskal-Organization'],
  ...['Idempotency-Key', 'If-Match', 'Content-Type', 'Origin', 'Last-Event-ID'],
])
const OF_HEADERS: ReadonlyMap<string, Reason> = new Map([
  ['Idempotency-Key', 'idempotency_key'],
  ['If-Match', 'if_match'],
])

/** Headers that an allowed page may send. Those of the last two rows are read nowhere: libraries for tracing add them. */
const PAGE_HEADERS = [
  ...['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'Last-Event-ID', 'OpenFiskal-Organization'],
  ...['Prefer', 'X-OpenFiskal-Merchant', 'X-Register-Api-Key', 'X-Request-Id'],
  ...['traceparent', 'tracestate', 'baggage', 'sentry-trace'],
  ...['x-requested-with'],
].join(', ')

const EXPOSED = 'ETag, Idempotent-Replayed, Location, Preference-Applied, Retry-After, X-Request-Id'

const SECURITY: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/**
 * All headers of an answer, for one `writeHead`: those of every answer, over which a page may set its own policy, and its
 * own. Node takes them several times faster than one by one.
 */
export function headersOf<Value extends string | number>(
  res: Response,
  own: Readonly<Record<string, Value>>,
): Record<string, string | Value> {
  return { ...SECURITY, 'X-Request-Id': exchangeOf(res).requestId, ...own }
}

/** Host first, before anything is routed: a name that was rebound to 127.0.0.1 must not reach a handler. */
export function checkTarget(req: Request, gate: Gate): void {
  if (req.rawHeaders.length > 2 * HEADER_LIMIT) throw malformed(`More than ${HEADER_LIMIT} headers.`)
  const host = req.headers.host
  if (host === undefined || host === '') throw malformed('The Host header is missing.')
  const repeated = repeatedHeader(req.rawHeaders, ONCE)
  if (repeated === 'Host') throw sentTwice(repeated)
  checkHost(host, req, gate)
  if (repeated !== undefined) throw sentTwice(repeated)
  if (req.url.length > URL_LIMIT) throw malformed(`The URL is longer than ${URL_LIMIT} bytes.`)
  if (!req.url.startsWith('/')) takeAbsoluteForm(req, gate)
}

function sentTwice(name: string): FiskalError {
  const reason = OF_HEADERS.get(name) ?? 'header'
  return new FiskalError('invalid_request', `More than one ${name} header: send it once.`, { reason })
}

function checkHost(host: string, { socket }: Request, gate: Gate): void {
  if (gate.names.hasHost(host, socket)) return
  throw new FiskalError('host_not_allowed', `This host name is not served here${portFault(host, socket, gate)}.`)
}

/** The end of the sentence if only the port is wrong or missing: the name is one of ours. */
function portFault(host: string, socket: Socket, { names }: Gate): string {
  const [, name = '', port] = /^(.*?)(?::(\d*))?$/s.exec(host) ?? []
  const served = `${name}:${socket.localPort}`
  // An address of IPv6 needs its brackets before a port.
  if (!names.hasHost(served, socket)) return ''
  if (port === undefined || port === '') return ` without its port: send "${served}"`
  return ` at port ${port}: send "${served}", or add "${host}" to allowedHosts`
}

/** RFC 9112 §3.2.2: the authority of an absolute-form target overrides the Host header, so both must be ours. */
function takeAbsoluteForm(req: Request, gate: Gate): void {
  const form = /^https?:\/\/([^/?#]*)(.*)$/i.exec(req.url)
  if (form === null) throw malformed('The request target is neither a path nor an absolute URL.')
  checkHost(form[1] ?? '', req, gate)
  const rest = form[2] ?? ''
  req.url = rest.startsWith('/') ? rest : `/${rest}`
}

/**
 * A page of another site must not call the till: its Origin or Sec-Fetch-Site identifies it.
 * Returns true if the request was a CORS preflight of an allowed page, which is then answered.
 */
export function checkOrigin(req: Request, res: Response, gate: Gate, allowed: ReadonlySet<string>): boolean {
  const origin = req.headers.origin
  if (allowed.size > 0) res.setHeader('Vary', 'Origin')
  if (origin !== undefined && allowed.has(origin)) {
    if (isPreflight(req)) return answerPreflight(req, res, origin)
    res.setHeaders(new Map(Object.entries(pageHeaders(origin))))
    return false
  }
  const foreign = origin === undefined ? isFetchedByOthers(req) : !gate.names.hasOrigin(origin, req.socket)
  if (foreign) throw new FiskalError('origin_not_allowed', 'A page of this origin may not call the agent.')
  return false
}

/** A link that a person follows is permitted: it carries no key, and the page with the link cannot read the answer. */
function isFetchedByOthers({ method, headers }: Request): boolean {
  const isLink =
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  return headers['sec-fetch-site'] === 'cross-site' && !isLink
}

export function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}

/** Headers with which the script of a page may read an answer; without them it sees a TypeError alone. */
function pageHeaders(origin: string): Readonly<Record<string, string>> {
  return { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': EXPOSED }
}

/** The headers of a refusal, whatever check the request failed: none for a page that is not allowed. */
export function refusalHeaders(
  origin: string | undefined,
  allowed: readonly string[],
): Readonly<Record<string, string>> {
  if (allowed.length === 0) return {}
  return { Vary: 'Origin', ...(origin !== undefined && allowed.includes(origin) && pageHeaders(origin)) }
}

function answerPreflight(req: Request, res: Response, origin: string): boolean {
  res.setHeader('Access-Control-Allow-Origin', origin)
  res.setHeader('Access-Control-Allow-Methods', 'GET, POST, PATCH')
  res.setHeader('Access-Control-Allow-Headers', PAGE_HEADERS)
  res.setHeader('Access-Control-Max-Age', '600')
  if (req.headers['access-control-request-private-network'] === 'true') {
    res.setHeader('Access-Control-Allow-Private-Network', 'true')
  }
  exchangeOf(res).unread?.hold(res, HEAD_BYTES)
  res.writeHead(204, headersOf(res, {})).end()
  return true
}

/** A fault of the request line or a header. */
export function malformed(message: string): FiskalError {
  return new FiskalError('invalid_request', message, { reason: 'header' })
}
