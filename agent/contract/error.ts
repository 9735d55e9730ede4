import * as z from 'zod'
import type { ErrorCode } from '../errors.ts'
import { ERRORS, REASONS } from '../errors.ts'

const REASON_WORDS = Object.entries(REASONS)
  .map(([reason, words]) => `\`${reason}\` (${words})`)
  .join(', ')
const code = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]])

export const errorDto = z
  .strictObject({
    type: z.string().describe('Address of the explanation: `/errors/{code}` of the agent.'),
    title: z.string().describe('The code in words.'),
    status: z.int().min(400).max(599).describe('The HTTP status.'),
    code: code.describe('Stable: programs decide by it. Explained at `/errors/{code}`.'),
    message: z.string().describe('The fault of this request, for a person; the words may change.'),
    remedy: z.string().describe('The action for the client, for a person; the words may change.'),
    details: z
      .record(z.string(), z.unknown())
      .describe(
        `For programs: ids, expected values, and \`errors\` with a JSON Pointer each, by code. \`reason\`: ${REASON_WORDS}; or the code of a device.`,
      ),
    retryable: z.boolean().describe('True if the same request may succeed later without a change.'),
    fiscal_effect: z
      .enum(['none', 'recorded', 'unknown'])
      .describe(
        '`none`: nothing was recorded. `recorded`: a device recorded a part of it. `unknown`: send the same request with the same key again.',
      ),
    request_id: z.string().describe('As in the header `X-Request-Id` and in the log.'),
  })
  .describe('A refusal; with `Accept: application/problem+json` the same members (RFC 9457).')

export const errorExplanation = z
  .strictObject({
    type: z.string().describe('Path of the explanation: `/errors/{code}`.'),
    title: z.string().describe('The code in words.'),
    status: z.int().describe('The HTTP status.'),
    code: code.describe('The `code` of a refusal.'),
    remedy: z.string().describe('The action for the client.'),
  })
  .describe('The meaning of an error code.')
