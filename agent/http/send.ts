import type { Request, Response } from 'express'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { codeOf } from '../../base/thrown.ts'
import { FiskalError } from '../errors.ts'
import { headersOf, refusalHeaders } from './entry.ts'
import { exchangeOf } from './exchange.ts'
import { renderProblem } from './problem.ts'
import { HEAD_BYTES } from './unread-answers.ts'

/** A body that is sent at once. */
export type Reply = {
  status: number
  mediaType: string
  headers?: Readonly<Record<string, string>>
  body: string | Buffer
}

/** Thrown if the caller has disconnected: no one reads the answer. */
export class CallerGone extends Error {
  override readonly name = 'CallerGone'
}

const READ_OFF_BYTES = 16 * 1024 * 1024
const READ_OFF_MS = 5_000
/** Node itself reads and drops a body up to this size; the connection stays open. */
const SMALL_BODY_BYTES = 1024 * 1024

export function sendReply(req: Request, res: Response, reply: Reply, clock: Clock): void {
  if (res.headersSent || res.destroyed) return
  const { body } = reply
  const isBodySent = req.method !== 'HEAD' && reply.status !== 304
  exchangeOf(res).unread?.hold(res, HEAD_BYTES + (isBodySent ? Buffer.byteLength(body) : 0))
  const linger = bodyStillComing(req)
  if (linger) res.setHeader('Connection', 'close')
  // RFC 9110 §15.4.5: the length of a 304 would be that of the body that was not sent.
  const length = reply.status === 304 ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
  res.writeHead(reply.status, headersOf(res, { ...length, 'Content-Type': reply.mediaType, ...reply.headers }))
  if (!linger) {
    res.end(body)
    return
  }
  // The answer is sent now, and the connection ends after the rest of the body was read: otherwise a client that is
  // still sending would get a reset and never see the answer.
  if (req.method !== 'HEAD') res.write(body)
  readOff(req, clock, () => res.end())
}

/** Codes of a file system that is full (or out of inodes), read-only or broken. */
const DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'])

/** Sends a refusal. Unknown errors are logged here, once, and their text does not reach the answer. */
export function sendError(
  req: Request,
  res: Response,
  error: unknown,
  options: { log: Log; clock: Clock; allowedOrigins: readonly string[] },
): void {
  if (error instanceof CallerGone) {
    res.destroy()
    return
  }
  const exchange = exchangeOf(res)
  const refusal = error instanceof FiskalError ? error : unexpected(error, req, exchange.requestId, options.log)
  exchange.errorCode = refusal.code
  if (res.headersSent) {
    res.destroy()
    return
  }
  const problem = renderProblem(refusal, exchange.requestId, req.headers.accept, addressOf(req, refusal))
  // A request may be refused before its origin is checked.
  const headers = { ...refusalHeaders(req.headers.origin, options.allowedOrigins), ...problem.headers }
  sendReply(req, res, { ...problem, headers }, options.clock)
}

/** As the caller wrote it; empty for a name that this agent does not have. */
function addressOf({ headers: { host }, socket }: Request, { code }: FiskalError): string {
  if (host === undefined || code === 'host_not_allowed') return ''
  return `${'encrypted' in socket ? 'https' : 'http'}://${host}`
}

/** An unexpected error stopped a change at an unknown point: before its intent, or after the act of a device. */
function unexpected(error: unknown, { method }: Request, requestId: string, log: Log): FiskalError {
  if (error instanceof URIError) {
    return new FiskalError('invalid_request', 'The path holds a malformed percent escape.', { reason: 'header' })
  }
  const { name, stack } = error instanceof Error ? error : { name: typeof error, stack: undefined }
  log.error({ request_id: requestId, error: name, stack }, 'unexpected error')
  const fiscalEffect = method === 'GET' || method === 'HEAD' ? 'none' : 'unknown'
  if (DISK_CODES.has(codeOf(error) ?? ''))
    return new FiskalError(
      'storage_unavailable',
      'The disk does not take what has to be written; the log has it under the request id.',
      {},
      { fiscalEffect, retryAfterSeconds: 30 },
    )
  const message = 'An unexpected error occurred; the log has it under the request id.'
  return new FiskalError('internal_error', message, {}, { fiscalEffect })
}

/** True if a large or unknown part of the body was not read yet. */
function bodyStillComing(req: Request): boolean {
  if (req.complete) return false
  if (req.headers['transfer-encoding'] !== undefined) return true
  return Number(req.headers['content-length'] ?? 0) > SMALL_BODY_BYTES
}

function readOff(req: Request, clock: Clock, done: () => void): void {
  let bytes = 0
  let over = false
  const end = (): void => {
    if (over) return
    over = true
    cancel()
    req.off('data', take)
    done()
  }
  const cancel = clock.after(READ_OFF_MS, end)
  const take = (chunk: Buffer): void => {
    bytes += chunk.length
    if (bytes > READ_OFF_BYTES) end()
  }
  req.on('data', take)
  req.once('end', end)
  req.once('close', end)
  req.resume()
}
