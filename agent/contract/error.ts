import * as z from 'zod'
import type { ErrorCode } from '../errors.ts'
import { ERRORS } from '../errors.ts'

const code = z
  .enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]])
  .describe('Stable code, explained at `/errors/{code}`.')

/** A refusal; with `Accept: application/problem+json` the same members (RFC 9457). */
export const errorDto = z.strictObject({
  type: z.string().describe('/errors/{code}'),
  title: z.string().describe('The meaning of the code in a few words.'),
  status: z.int().min(400).max(599).describe('The HTTP status.'),
  code,
  message: z.string().describe('A sentence for a person. It may change: programs read `code`.'),
  details: z.record(z.string(), z.unknown()).describe('The values of this case, for programs.'),
  retryable: z.boolean().describe('True if the same request may succeed later without a change.'),
  fiscal_effect: z
    .enum(['none', 'recorded', 'unknown'])
    .describe(
      '`none`: nothing was recorded. `recorded`: the device recorded it. `unknown`: send the same request again, it returns the outcome.',
    ),
  request_id: z.string().describe('Names the request in the log of the agent.'),
})

/** The meaning of a code, at `/errors/{code}`. */
export const errorExplanation = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code,
  remedy: z.string().describe('The action for the client.'),
})
