import * as z from 'zod'
import type { ErrorCode } from '../errors.ts'
import { ERRORS } from '../errors.ts'

const code = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]])

/** A refusal; with `Accept: application/problem+json` the same members (RFC 9457). */
export const errorDto = z.strictObject({
  type: z.string().describe('/errors/{code}'),
  title: z.string(),
  status: z.int().min(400).max(599),
  code,
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
  retryable: z.boolean().describe('True if the same request may succeed later without a change.'),
  fiscal_effect: z.enum(['none', 'recorded', 'unknown']),
  request_id: z.string(),
})

/** The meaning of a code, at `/errors/{code}`. */
export const errorExplanation = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code,
  remedy: z.string().describe('The action for the client.'),
})
