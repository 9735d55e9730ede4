import type { Json } from '../../base/canonical.ts'
import type { ErrorCode } from '../errors.ts'
import { ERRORS, FiskalError, hasRetryAfter } from '../errors.ts'
import { headersOf } from './headers.ts'
import type { JsonObject } from './json-schema.ts'

type Status = (typeof ERRORS)[ErrorCode]['status']

/** A refusal as a till gets it: the code, its sentence and its details. */
type Example = readonly [code: ErrorCode, message: string, details?: { readonly [name: string]: Json }]

/** The answers of each status: a name for generated clients, its meaning, and one of them. */
const RESPONSES: Readonly<Record<Status, { name: string; meaning: string; example: Example }>> = {
  400: {
    name: 'BadRequest',
    meaning: 'A member, header or parameter is wrong; `details.errors` names each one. Nothing was done.',
    example: [
      'invalid_request',
      '/total_amount: is required.',
      { reason: 'schema', errors: [{ pointer: '/total_amount', message: 'is required' }] },
    ],
  },
  401: {
    name: 'Unauthorized',
    meaning: 'The key is missing, unknown, revoked or in the wrong header.',
    example: ['unauthorized', 'The request carries no key.'],
  },
  403: {
    name: 'Forbidden',
    meaning: 'The key or the page that calls may not do this.',
    example: ['forbidden', 'This needs a platform key.'],
  },
  404: {
    name: 'NotFound',
    meaning: 'There is no such resource, or the key may not see it.',
    example: ['not_found', 'There is no register reg_none.', { resource: 'register', id: 'reg_none' }],
  },
  405: {
    name: 'MethodNotAllowed',
    meaning: 'The path has other methods; the header `Allow` names them.',
    example: ['method_not_allowed', 'Only GET, HEAD is answered here.', { allow: ['GET', 'HEAD'] }],
  },
  409: {
    name: 'Conflict',
    meaning: 'The resource is in another state, or the key was used for another request.',
    example: ['no_open_session', 'Register reg_01 has no open session. Send session_open first.'],
  },
  412: {
    name: 'PreconditionFailed',
    meaning: 'The resource has another version than `If-Match`; `details` names the current one.',
    example: [
      'precondition_failed',
      'Resource version mismatch.',
      { current_resource_version: 2, expected_resource_version: 1 },
    ],
  },
  413: {
    name: 'ContentTooLarge',
    meaning: 'The body is too large.',
    example: ['payload_too_large', 'The body is larger than 1 MiB.', { limit_bytes: 1_048_576 }],
  },
  415: {
    name: 'UnsupportedMediaType',
    meaning: 'The body has another type than JSON in UTF-8.',
    example: ['unsupported_media_type', 'Content-Type is missing; send application/json.'],
  },
  421: {
    name: 'MisdirectedRequest',
    meaning: 'The header `Host` names a host that is not served.',
    example: ['host_not_allowed', 'This host name is not served here.'],
  },
  422: {
    name: 'UnprocessableContent',
    meaning: 'The request is well formed, and a rule of the shop or of its law refuses it. Nothing was done.',
    example: ['unprocessable_entity', 'The merchant has no fiscal identity for this country.'],
  },
  428: {
    name: 'PreconditionRequired',
    meaning: '`If-Match` is missing.',
    example: [
      'precondition_required',
      'Send If-Match with the ETag of the operation.',
      { current_resource_version: 1 },
    ],
  },
  429: {
    name: 'TooManyRequests',
    meaning: 'More requests than the agent accepts at once.',
    example: ['rate_limit_exceeded', 'Too many requests: slow down.'],
  },
  500: {
    name: 'InternalServerError',
    meaning: 'A fault of the agent. Its log has the `request_id`.',
    example: ['internal_error', 'An unexpected error occurred; the log has it under the request id.'],
  },
  503: {
    name: 'ServiceUnavailable',
    meaning: 'Not possible now. Send the same request again with the same key after `Retry-After` seconds.',
    example: ['shutting_down', 'The agent is stopping.'],
  },
}

const REQUEST_ID = '8f14e45f-ceea-467f-9d2f-0c1b5a6d7e83'

/** The name of the answer of a status in `components.responses`. */
export function responseName(status: number): string {
  return RESPONSES[status as Status].name
}

/** To the explanation of a code, in Markdown. */
export function linkTo(code: ErrorCode): string {
  return `[${code}](/errors/${code})`
}

/** `components.responses`, of the statuses that are used, with links to the codes that many operations have. */
export function sharedResponses(
  used: ReadonlySet<number>,
  codes: readonly ErrorCode[],
  schema: JsonObject,
): JsonObject {
  const statuses = Object.keys(RESPONSES).map((text) => Number(text) as Status)
  const rows = statuses
    .filter((status) => used.has(status))
    .map((status) => {
      const { name, meaning } = RESPONSES[status]
      const links = codes.filter((code) => ERRORS[code].status === status).map(linkTo)
      return [
        name,
        {
          description: [meaning, links.join(', ')].join(' ').trim(),
          ...waitOf(status),
          content: contentOf(status, schema),
        },
      ] as const
    })
  return Object.fromEntries(rows)
}

/**
 * Without content: if the success has another type, generators would read both as JSON or both as text. The meaning is
 * that of the shared answer of its name.
 */
export function bareResponse(status: number): JsonObject {
  const words = responseName(status).replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return { description: `${words}.`, ...waitOf(status) }
}

function contentOf(status: Status, schema: JsonObject): { [mediaType: string]: Json } {
  const [code, message, details] = RESPONSES[status].example
  const { retryable, fiscalEffect } = new FiskalError(code, message, details)
  const { title, remedy } = ERRORS[code]
  const facts = { type: `/errors/${code}`, title, status, code, message, details: details ?? {} }
  const value = { ...facts, remedy, retryable, fiscal_effect: fiscalEffect, request_id: REQUEST_ID }
  return { 'application/json': { schema: schema as Json, examples: { [code]: { value } } } }
}

function waitOf(status: number): { headers?: { [name: string]: Json } } {
  const mayWait = Object.entries(ERRORS).some(
    ([code, row]) => row.status === status && hasRetryAfter(code as ErrorCode),
  )
  return mayWait ? { headers: headersOf('Retry-After') } : {}
}
