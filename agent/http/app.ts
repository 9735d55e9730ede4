import type { ErrorRequestHandler, Express, Request, RequestHandler } from 'express'
import express from 'express'
import type { Clock } from '../../base/clock.ts'
import { beginLifetime, endLifetime, under } from '../../base/lifetime.ts'
import { Mutex } from '../../base/mutex.ts'
import type { Route } from '../contract/route.ts'
import { routes } from '../contract/routes.ts'
import { FiskalError } from '../errors.ts'
import type { Application } from '../till/application.ts'
import { KeyCheck } from './api-keys.ts'
import { BodyBudget } from './body-budget.ts'
import type { ChangeStreams } from './change-streams.ts'
import { checkClientCertificate } from './client-certificate.ts'
import { checkOrigin, checkTarget, isPreflight } from './entry.ts'
import type { Exchange } from './exchange.ts'
import { beginExchange, describeExchange, exchangeOf, logExchange } from './exchange.ts'
import type { Handler } from './handler.ts'
import { KeyIds } from './key-ids.ts'
import { nearestPath } from './nearest-path.ts'
import type { Gate, HttpOptions } from './options.ts'
import { runHandler, runLinked } from './pipeline.ts'
import { queryOf } from './query.ts'
import type { Rate } from './rate.ts'
import { RateLimit, tooManyRequests } from './rate.ts'
import type { ReadQueue } from './read-queue.ts'
import { ResponseBudget } from './response-budget.ts'
import { handlersOf } from './routes/handlers.ts'
import { sendError } from './send.ts'
import { Downloads } from './send-file.ts'
import { networkOf } from './strangers.ts'

/** Several tills may share one network address (a router) or one key. */
const KEYS_OF_AN_ADDRESS = 8
export const STALLED_MS = 60_000

/** The sale API as an express application: every row of the contract's route table, and nothing else. */
export function createApp(
  application: Application,
  options: HttpOptions,
  gate: Gate,
  { streams, reads }: { streams: ChangeStreams; reads: ReadQueue },
): Express {
  const app = express()
  // Without "production" express's own error handler would send a stack trace.
  app.set('env', 'production')
  app.disable('x-powered-by')
  app.disable('etag')
  app.disable('trust proxy')
  app.enable('case sensitive routing')
  app.enable('strict routing')
  app.set('query parser', queryOf)

  const handlers = handlersOf(application, options, streams)
  const { stalledMs = STALLED_MS } = options
  const [answers, downloads] = [new ResponseBudget(stalledMs), new Downloads(stalledMs)]
  const limits = { bodies: new BodyBudget(options.clock), answers, downloads, lists: new Mutex() }
  const serving = { application, keyIds: new KeyIds(application), options, reads, ...limits }
  const keys = new KeyCheck(application, options.clock)
  const authenticated = authenticate(keys, options, gate)
  const serve = (ids: readonly RouteId[]): void => {
    for (const id of ids) {
      const [route, handler]: [Route, Handler] = [routes[id], handlers[id]]
      const handle = runHandler(handler, route, serving)
      const all = handler.kind === 'file' ? [runLinked(handler, route, serving), authenticated, handle] : [handle]
      for (const method of route.methods) app[method](expressPath(route.path), ...all)
    }
    const rows = ids.map((id): Route => routes[id])
    refuseOtherMethods(app, rows)
  }
  app.use(enter(keys, options, gate))
  // Express tries routes in order of registration: those of sales come first.
  serve(ROUTE_IDS.filter(isLinked))
  app.use(authenticated)
  serve(ROUTE_IDS.filter((id) => needsKey(id) && isOfSales(id)))
  serve(ROUTE_IDS.filter((id) => needsKey(id) && !isOfSales(id)))
  serve(ROUTE_IDS.filter((id) => routes[id].auth === 'none'))
  app.use((req) => {
    const fault = slashFault(req.path)
    const nearest = fault === '' ? nearestPath(req.path, TEMPLATES) : undefined
    const words = nearest === undefined ? fault : `; the nearest one is ${nearest}`
    throw new FiskalError('not_found', `There is nothing at this path${words}.`, { resource: 'route' })
  })
  const refuse: ErrorRequestHandler = (error, req, res, _next) => sendError(req, res, error, options)
  app.use(refuse)
  return app
}

/** The end of the sentence for an address that was put together from two parts with a slash each. */
function slashFault(path: string): string {
  if (path.includes('//')) return ': it has two slashes together, as if the base address ended with one'
  return path.length > 1 && path.endsWith('/') ? ': it ends with a slash' : ''
}

type RouteId = keyof typeof routes
const ROUTE_IDS = Object.keys(routes) as RouteId[]
const TEMPLATES = Object.values<Route>(routes).flatMap(({ path }) => (path.startsWith('/v1/') ? [path] : []))

/** Served before the check of keys: the signature of a link may replace one. */
function isLinked(id: RouteId): boolean {
  return routes[id].auth === 'link'
}

function needsKey(id: RouteId): boolean {
  return routes[id].auth === 'platform' || routes[id].auth === 'any'
}

function isOfSales(id: RouteId): boolean {
  return routes[id].path.startsWith('/v1/operations')
}

/** `/v1/operations/{id}` of the OpenAPI is `/v1/operations/:id` of express. */
function expressPath(template: string): string {
  return template.replaceAll(/\{(\w+)\}/g, ':$1')
}

function enter(keys: KeyCheck, options: HttpOptions, gate: Gate): RequestHandler {
  const { clock, log } = options
  const origins = new Set(options.allowedOrigins)
  return (req, res, next) => {
    const exchange = beginExchange(req, res, clock.mono())
    const life = beginLifetime('request', () => describeExchange(req, res))
    res.once('close', () => {
      endLifetime(life)
      const endedAt = clock.mono()
      logExchange(log, req, res, endedAt)
      if (exchange.isStream) return
      const seconds = Number(endedAt - exchange.startedAt) / 1e9
      options.onAnswer?.(req.method, exchange.route, res.headersSent ? res.statusCode : 0, seconds)
    })
    if (gate.closing) res.setHeader('Connection', 'close')
    exchange.caller = keys.known(req)
    if (exchange.caller !== undefined) gate.connections.known(req.socket)
    else admitStranger(req, exchange, gate, origins)
    checkTarget(req, gate)
    if (!checkOrigin(req, res, gate, origins)) under(life, next)
  }
}

/** A browser asks without the key whether the page of a till may call: that is not a request of a stranger. */
function admitStranger(req: Request, exchange: Exchange, gate: Gate, origins: ReadonlySet<string>): void {
  exchange.unread = gate.connections.unread
  if (isPreflight(req) && origins.has(req.headers.origin ?? '')) return
  const seconds = gate.strangers.waitSeconds(req.socket)
  if (seconds === undefined) return
  exchange.isRefusedUnlogged = true
  throw tooManyRequests(seconds)
}

/** Every path under /v1 needs a key, even an unknown path: without one a caller cannot find out which paths exist. */
function authenticate(keys: KeyCheck, options: HttpOptions, gate: Gate): RequestHandler {
  const limits = options.rate && limitsOf(options.rate, options.clock)
  return (req, res, next) => {
    const exchange = exchangeOf(res)
    if (req.path === '/v1' || req.path.startsWith('/v1/')) {
      if (gate.closing) throw new FiskalError('shutting_down', 'The agent is stopping.')
      exchange.caller ??= keys.refuse(req, res)
      if (options.tls !== undefined) checkClientCertificate(req, exchange.caller)
    }
    if (exchange.caller !== undefined) {
      limits?.key.admit(exchange.caller.keyId)
      limits?.address.admit(networkOf(req.socket.remoteAddress ?? ''))
    }
    next()
  }
}

function limitsOf({ perSecond, burst }: Rate, clock: Clock): { key: RateLimit; address: RateLimit } {
  const [keys, of] = [new RateLimit({ perSecond, burst }, clock), KEYS_OF_AN_ADDRESS]
  return { key: keys, address: new RateLimit({ perSecond: of * perSecond, burst: of * burst }, clock) }
}

function refuseOtherMethods(app: Express, rows: readonly Route[]): void {
  const methodsByPath = new Map<string, Set<string>>()
  for (const route of rows) {
    const methods = methodsByPath.get(route.path) ?? new Set()
    for (const method of route.methods) methods.add(method.toUpperCase())
    if (methods.has('GET')) methods.add('HEAD')
    methodsByPath.set(route.path, methods)
  }
  for (const [path, methods] of methodsByPath) {
    const allow = [...methods].join(', ')
    // One layer; `app.all` would add one for each of the 35 methods.
    app.route(expressPath(path)).all((_req, res) => {
      exchangeOf(res).route = path
      res.setHeader('Allow', allow)
      throw new FiskalError('method_not_allowed', `Only ${allow} is answered here.`, { allow: [...methods] })
    })
  }
}
