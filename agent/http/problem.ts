import type { FiskalError } from '../errors.ts'
import { ERRORS, hasRetryAfter } from '../errors.ts'
import { acceptanceOf } from './accept.ts'

export type Problem = { status: number; mediaType: string; headers: Record<string, string>; body: string }

const [PROBLEM, JSON_TYPE] = ['application/problem+json', 'application/json']

/**
 * The body of a refusal: members of RFC 9457 and the agent's own, in one shape for both media types. `address`: that by
 * which the caller reaches the agent; empty if it is unknown.
 */
export function renderProblem(
  error: FiskalError,
  requestId: string,
  accept: string | undefined,
  address: string,
): Problem {
  const { title, remedy } = ERRORS[error.code]
  const body = JSON.stringify({
    type: `${address}/errors/${error.code}`,
    title,
    status: error.status,
    code: error.code,
    message: error.message,
    remedy,
    details: error.details,
    retryable: error.retryable,
    fiscal_effect: error.fiscalEffect,
    request_id: requestId,
  })
  const headers: Record<string, string> = {}
  const wait = error.retryAfterSeconds ?? usualWait(error)
  if (wait !== undefined) headers['Retry-After'] = String(Math.max(1, Math.ceil(wait)))
  const mediaType = accept !== undefined && asksForProblem(accept) ? PROBLEM : JSON_TYPE
  return { status: error.status, mediaType, headers, body }
}

/** True if the header names it, and nothing makes plain JSON more wanted. */
function asksForProblem(accept: string): boolean {
  const [problem, plain] = [acceptanceOf(accept, PROBLEM), acceptanceOf(accept, JSON_TYPE)]
  if (problem.quality !== plain.quality) return problem.quality > plain.quality
  return problem.quality > 0 && problem.precision > 1
}

/** The default, in seconds, for a refusal that invites a retry and names no time. */
function usualWait(error: FiskalError): number | undefined {
  return hasRetryAfter(error.code) ? 1 : undefined
}
