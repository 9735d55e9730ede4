import type { Request, Response } from 'express'
import { contentDigest } from '../sync/protocol/content-digest.ts'
import type { Problem } from './problem.ts'

/** Answers with the digest of the sent bytes (RFC 9530), so that a damaged answer is noticed. */
export function respond(response: Response, status: number, value: object, type = 'application/json'): void {
  send(response, status, JSON.stringify(value), type)
}

/** {@link respond} for a value that is JSON already. */
function send(response: Response, status: number, json: string, type: string): void {
  const body = Buffer.from(json)
  response.status(status).set('Content-Type', type)
  // The answer to HEAD omits the body, and the digest covers the sent bytes.
  if (response.req.method !== 'HEAD') response.set('Content-Digest', contentDigest(body))
  response.send(body)
}

/**
 * Answers 304 if the caller has the content with that tag (RFC 9110 §13.1.2). Express would do so too after `send`, by
 * computing the digest of a body that it then omits.
 */
export function unchanged(request: Request, response: Response, etag: string): boolean {
  response.set('ETag', etag)
  const callerTags = (request.get('If-None-Match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (!callerTags.includes('*') && !callerTags.includes(etag)) return false
  response.status(304).end()
  return true
}

export function refuse(response: Response, problem: Problem): void {
  if (problem.retryAfterSeconds !== undefined) response.set('Retry-After', String(problem.retryAfterSeconds))
  if (problem.code === 'unauthenticated') response.set('WWW-Authenticate', 'Bearer, Basic realm="receiver"')
  if (problem.code === 'unsupported_encoding') response.set('Accept-Encoding', 'gzip, identity')
  // The rest of an unwanted body is not read: the connection ends with the answer.
  if (!response.req.complete) response.set('Connection', 'close')
  respond(response, problem.status, problem.document(), 'application/problem+json')
}
