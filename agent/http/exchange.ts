import { hash, randomUUID } from 'node:crypto'
import type { Request, Response } from 'express'
import type { LifetimeFacts } from '../../base/lifetime.ts'
import type { Log } from '../../base/log.ts'
import { routes } from '../contract/routes.ts'
import type { FiskalError } from '../errors.ts'
import type { Caller } from '../till/requests.ts'
import type { UnreadAnswers } from './unread-answers.ts'

const KEY_DIGITS = 8

/** The state of one request until it is answered. */
export type Exchange = {
  readonly requestId: string
  /** Monotonic nanoseconds. */
  readonly startedAt: bigint
  /** Route template for the log, `-` until one matches. */
  route: string
  operationId: string | undefined
  errorCode: string | undefined
  caller: Caller | undefined
  /** Counts the answers to a stranger; undefined for a caller with a key. */
  unread: Pick<UnreadAnswers, 'hold'> | undefined
  /** Beyond the rate of strangers. */
  isRefusedUnlogged: boolean
  merchantId: string | undefined
  /** The refusal of an organization that names none of several merchants; a stored answer comes first. */
  unknownMerchant: FiskalError | undefined
  /** Stays open: its duration says nothing about the agent. */
  isStream: boolean
  /** Answered from the store. */
  isReplayed: boolean
}

/** A header by its name in lower case. A request asks for eight: `req.get` looks at the name itself each time. */
export function header({ headers }: Request, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

/** The request's own `X-Request-Id` (visible ASCII, at most 128), else a new one. */
export function requestIdOf(header: string | undefined): string {
  return header !== undefined && /^[\x21-\x7e]{1,128}$/.test(header) ? header : randomUUID()
}

export function beginExchange(req: Request, res: Response, startedAt: bigint): Exchange {
  const exchange: Exchange = {
    requestId: requestIdOf(header(req, 'x-request-id')),
    startedAt,
    route: '-',
    operationId: undefined,
    errorCode: undefined,
    caller: undefined,
    unread: undefined,
    isRefusedUnlogged: false,
    merchantId: undefined,
    unknownMerchant: undefined,
    isStream: false,
    isReplayed: false,
  }
  res.locals['exchange'] = exchange
  return exchange
}

export function exchangeOf(res: Response): Exchange {
  return res.locals['exchange'] as Exchange
}

/** One line per request. The request id is the only text of the caller in it: no body, key, query string or path. */
export function logExchange(log: Log, req: Request, res: Response, endedAt: bigint): void {
  const exchange = exchangeOf(res)
  // A display asks each second.
  if (res.statusCode === 304 && exchange.route === routes.displayNow.path) return
  if (exchange.isRefusedUnlogged) return
  log.info(
    {
      request_id: exchange.requestId,
      method: req.method,
      route: exchange.route,
      status: res.headersSent ? res.statusCode : 0,
      ms: Number((endedAt - exchange.startedAt) / 1000n) / 1000,
      ...(exchange.operationId !== undefined && { operation_id: exchange.operationId }),
      ...(exchange.isReplayed && { replayed: true }),
      ...(exchange.errorCode !== undefined && { code: exchange.errorCode }),
      ...(!res.writableFinished && { aborted: true }),
    },
    'request',
  )
}

/**
 * For a diagnosis: the request and its key, without text of the caller. A key is shown as the first digits of its hash.
 */
export function describeExchange(req: Request, res: Response): LifetimeFacts {
  const { route, caller, isStream, operationId } = exchangeOf(res)
  const register = caller?.kind === 'register' ? [`register ${caller.registerId}`] : []
  const key = req.get('x-register-api-key') ?? req.headers.authorization?.replace(/^\S+ +/, '')
  // No digits of an invalid key: it may be a part of a valid one.
  const whose = caller && key ? [...register, `key #${hash('sha256', key).slice(0, KEY_DIGITS)}`] : []
  const which = operationId === undefined ? [] : [operationId]
  const name = [`${req.method} ${route}`, ...which, ...whose].join(' ')
  if (isStream) return { name, state: 'streaming' }
  return { name, state: res.headersSent ? 'answering' : 'running' }
}

const OPERATION_ID = /op_[0-9A-HJKMNP-TV-Z]{26}/

/** The operation that a request concerns: from its path, or from the subject of the answer. */
export function noteOperation(exchange: Exchange, text: string | undefined): void {
  exchange.operationId = text === undefined ? undefined : OPERATION_ID.exec(text)?.[0]
}
