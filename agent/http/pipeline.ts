import type { Request, RequestHandler, Response } from 'express'
import type { Json } from '../../base/canonical.ts'
import type { Mutex } from '../../base/mutex.ts'
import type { KeyedKind } from '../contract/key-ids.ts'
import { KEY_PREFIX, kindsInPath } from '../contract/key-ids.ts'
import type { Route } from '../contract/route.ts'
import { isOfMerchant, takesKey } from '../contract/route.ts'
import { FiskalError } from '../errors.ts'
import type { Application } from '../till/application.ts'
import type { Access, Answer } from '../till/requests.ts'
import { holderOf } from '../till/requests.ts'
import { readBody } from './body.ts'
import type { BodyBudget } from './body-budget.ts'
import type { Exchange } from './exchange.ts'
import { exchangeOf, header, noteOperation } from './exchange.ts'
import type {
  ChangeHandler,
  FileHandler,
  Handler,
  ListHandler,
  OpenHandler,
  ReadCall,
  StreamHandler,
} from './handler.ts'
import { answerReply } from './handler.ts'
import { parseJsonBody } from './json-body.ts'
import type { KeyIds } from './key-ids.ts'
import type { HttpOptions } from './options.ts'
import type { ReadQueue } from './read-queue.ts'
import { idempotencyOf, ifMatchOf, isDryRun, organizationOf } from './request-headers.ts'
import type { ResponseBudget } from './response-budget.ts'
import type { Reply } from './send.ts'
import { CallerGone, sendReply } from './send.ts'
import type { Downloads } from './send-file.ts'

/** The parts that serve every request. */
export type Serving = {
  readonly application: Application
  readonly keyIds: KeyIds
  readonly options: HttpOptions
  readonly bodies: BodyBudget
  readonly answers: ResponseBudget
  readonly downloads: Downloads
  /** Lists are made in portions between which the tills run: twelve at once would all be held in memory half made. */
  readonly lists: Mutex
  readonly reads: ReadQueue
}

/** `mayName`: a header may name the merchant. `kinds`: those that the id in the path may be of. */
type Place = { readonly route: Route; readonly mayName: boolean; readonly kinds: readonly KeyedKind[] }
const NO_QUERY = {}
const MERCHANT = ['merchant'] as const

/** Runs a handler in the order of checks: merchant, body, stored answer, schema, application. */
export function runHandler(handler: Handler, route: Route, serving: Serving): RequestHandler {
  const { options, bodies, answers, reads, keyIds } = serving
  const place: Place = { route, mayName: isOfMerchant(route), kinds: kindsInPath(route.path) }
  return async (req, res) => {
    const exchange = exchangeOf(res)
    exchange.route = route.path
    if (handler.kind === 'open') {
      runOpen(handler, req, res, serving)
      return
    }
    admit(req, exchange, place, serving)
    noteOperation(exchange, req.path)
    if (handler.kind === 'change') {
      options.fault('request.received')
      const { bytes, release } = await readBody(req, res, bodies, callerOf(exchange).keyId)
      try {
        await runChange(handler, req, res, place, bytes, serving)
      } finally {
        release()
      }
      return
    }
    const access = { caller: callerOf(exchange), merchantId: exchange.merchantId }
    const query = route.query === undefined ? NO_QUERY : keyIds.members(req.query, access)
    const call = { req, query, ...access, id: namedId(idOf(req), exchange, place, access, keyIds) }
    if (handler.kind === 'stream') {
      exchange.isStream = true
      stream(handler, call, res)
      return
    }
    if (handler.kind === 'list') {
      await serving.lists.run(() => runList(handler, call, res, serving))
      return
    }
    await reads.wait(call.caller.keyId)
    if (res.destroyed) throw new CallerGone()
    if (handler.kind === 'file') {
      await runFile(handler, call, res, serving)
      return
    }
    answers.admit(call.caller.keyId)
    send(call, res, await handler.run(call), serving)
  }
}

/** A caller that shows its key has the budget of that key; strangers have their own (`sendReply`). */
function runOpen(handler: OpenHandler, req: Request, res: Response, { answers, options }: Serving): void {
  const reply = handler.run(req)
  const keyId = exchangeOf(res).caller?.keyId
  if (keyId !== undefined) {
    answers.admit(keyId, reply.body.length)
    answers.hold(keyId, reply.body, res)
  }
  sendReply(req, res, reply, options.clock)
}

/** Sends the file of a valid link; every other request needs a key, which is checked next. */
export function runLinked(handler: FileHandler, route: Route, { downloads }: Serving): RequestHandler {
  return async (req, res, next) => {
    exchangeOf(res).route = route.path
    const file = handler.linked(req)
    if (file === undefined) next()
    else await downloads.send(req, res, file)
  }
}

async function runFile(handler: FileHandler, call: ReadCall, res: Response, { downloads }: Serving): Promise<void> {
  const gone = new AbortController()
  const leave = (): void => gone.abort()
  res.once('close', leave)
  const file = await handler.run(call, gone.signal).finally(() => res.off('close', leave))
  if (res.destroyed) throw new CallerGone()
  await downloads.send(call.req, res, file)
}

/** Reads nothing for a caller that has disconnected. */
async function runList(
  handler: ListHandler,
  call: ReadCall,
  res: Response,
  { answers, reads, ...serving }: Serving,
): Promise<void> {
  if (res.destroyed) throw new CallerGone()
  answers.admit(call.caller.keyId)
  const yieldToTills = async (): Promise<void> => {
    await reads.wait(call.caller.keyId)
    if (res.destroyed) throw new CallerGone()
  }
  send(call, res, await handler.run(call, yieldToTills), { answers, ...serving })
}

function send(
  call: ReadCall,
  res: Response,
  reply: Reply,
  { answers, options }: Pick<Serving, 'answers' | 'options'>,
): void {
  answers.hold(call.caller.keyId, reply.body, res)
  sendReply(call.req, res, reply, options.clock)
}

/** Needs its own type: in the union of handlers Biome takes the call for a promise that is not awaited. */
function stream(handler: StreamHandler, call: Parameters<StreamHandler['run']>[0], res: Response): void {
  handler.run(call, res)
}

function admit(
  req: Request,
  exchange: Exchange,
  { route, mayName }: Place,
  { application, keyIds }: Pick<Serving, 'application' | 'keyIds'>,
): void {
  const caller = callerOf(exchange)
  const reads = caller.kind === 'platform' && caller.reads !== undefined
  if (reads && route.methods[0] !== 'get') throw new FiskalError('forbidden', 'This key only reads.')
  if (route.auth === 'platform' && (caller.kind !== 'platform' || reads))
    throw new FiskalError('forbidden', 'This needs a platform key.')
  const sent = header(req, 'x-openfiskal-merchant')
  const merchant = sent && keyIds.id(sent, MERCHANT, { caller, merchantId: undefined })
  const organization = mayName ? organizationOf(req) : undefined
  try {
    exchange.merchantId = application.merchantFor(caller, merchant, organization)
  } catch (error) {
    const mayRepeat = merchant === undefined && route.methods[0] !== 'get'
    // A repetition gets its stored answer even if other merchants were added since.
    if (!mayRepeat || !(error instanceof FiskalError)) throw error
    exchange.unknownMerchant = error
  }
}

function callerOf(exchange: Exchange): NonNullable<Exchange['caller']> {
  if (exchange.caller === undefined) throw new FiskalError('unauthorized', 'The request carries no key.')
  return exchange.caller
}

function idOf(req: Request): string {
  const id = req.params['id']
  return typeof id === 'string' ? id : ''
}

/** The id in the path; a key there is replaced by the id of what it made. */
function namedId(sent: string, exchange: Exchange, { kinds }: Place, access: Access, keyIds: KeyIds): string {
  const id = keyIds.id(sent, kinds, access)
  if (id !== sent) noteOperation(exchange, id)
  return id
}

async function runChange(
  handler: ChangeHandler,
  req: Request,
  res: Response,
  place: Place,
  bytes: Buffer,
  { application, options, keyIds }: Serving,
): Promise<void> {
  const exchange = exchangeOf(res)
  const { startedAt: arrivedNs } = exchange
  const { route } = place
  const caller = callerOf(exchange)
  const holder = holderOf(caller)
  // Few requests run per iteration of the event loop: a probe between them need not wait for all.
  await options.slot?.(holder)
  const body = bodyOf(bytes, route.bodyOptional ?? route.body === undefined)
  const owner = keyOwner(req, exchange, application)
  const dryRun = isDryRun(req, route.dryRun === true)
  const access = { caller, merchantId: exchange.merchantId ?? owner }
  const given = idempotencyOf(req, route.path, { caller, merchantId: owner }, body, takesKey(route) && !dryRun)
  // A dry run does not use its key: it is checked against the current state, and the key stays free.
  const idempotency = dryRun ? undefined : given
  const stored = idempotency && (await application.answerOfKey(idempotency, arrivedNs))
  if (stored !== undefined) {
    sendAnswer(req, res, exchange, stored, options)
    return
  }
  if (exchange.unknownMerchant !== undefined) throw exchange.unknownMerchant
  const sent = idOf(req)
  const id = sent.startsWith(KEY_PREFIX) ? namedId(sent, exchange, place, access, keyIds) : sent
  // The print of the request is that of the text as it was sent: only now real ids replace keys.
  const act = handler.prepare(keyIds.members(body, access), id)
  options.fault('request.validated')
  const answer = await act({
    caller,
    arrivedNs,
    merchantId: exchange.merchantId,
    idempotency,
    ifMatch: ifMatchOf(req),
    organization: organizationOf(req),
    ...(dryRun && { dryRun }),
  })
  await options.slot?.(holder)
  sendAnswer(req, res, exchange, answer, options)
}

/**
 * The merchant that an Idempotency-Key belongs to. Which one is the only active merchant may change, so the keys of
 * requests that name none belong to the oldest one.
 */
function keyOwner(req: Request, { caller, merchantId }: Exchange, application: Application): string | undefined {
  const isNamed = caller?.kind === 'register' || req.headers['x-openfiskal-merchant'] !== undefined
  if (merchantId !== undefined && (isNamed || organizationOf(req) === merchantId)) return merchantId
  return application.eldestMerchant() ?? merchantId
}

/**
 * Undefined for a request without a body. If a body is optional, `null` and `{}` are the same request: some clients send
 * one of them for nothing, and the next one nothing.
 */
function bodyOf(bytes: Buffer, optional: boolean): Json | undefined {
  if (bytes.length > 0) {
    const body = parseJsonBody(bytes)
    return optional && isEmpty(body) ? undefined : body
  }
  if (optional) return undefined
  throw new FiskalError('invalid_request', 'The body is empty; a JSON object is needed.', { reason: 'json' })
}

function isEmpty(body: Json): boolean {
  return body === null || (typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length === 0)
}

function sendAnswer(req: Request, res: Response, exchange: Exchange, answer: Answer, options: HttpOptions): void {
  if (exchange.operationId === undefined) noteOperation(exchange, answer.subject)
  exchange.isReplayed = answer.replayed
  options.fault('answer.before')
  sendReply(req, res, answerReply(answer), options.clock)
  options.fault('answer.after')
}
