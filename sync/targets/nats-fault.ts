import { JetStreamApiError } from '@nats-io/jetstream'
import { AuthorizationError, PermissionViolationError, UserAuthenticationExpiredError } from '@nats-io/transport-node'
import { messageOf } from '../../base/thrown.ts'
import type { Answer } from '../target.ts'

/** JetStream's error numbers that a person can act on. */
const API_CODES = new Map([
  ...[10023, 10028, 10047, 10077, 10122].map((code) => [code, 'stream_full'] as const),
  ...[10039, 10076].map((code) => [code, 'no_jetstream'] as const),
  ...[10008, 10009, 10118].map((code) => [code, 'stream_leaderless'] as const),
  [10059, 'stream_missing'],
])

/** A failed request to a stream, as an answer. */
export function faultOf(error: unknown): Answer {
  const message = isLate(error) ? 'The server did not answer in time.' : messageOf(error)
  // The client names the server's answer, if there is one, as the cause.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (isDenied(error) || isDenied(cause)) return { kind: 'denied', code: 'nats_denied', message: messageOf(cause) }
  return { kind: 'unknown', code: codeOf(error) ?? codeOf(cause) ?? 'nats_error', message }
}

function isDenied(error: unknown): boolean {
  return (
    error instanceof AuthorizationError ||
    error instanceof PermissionViolationError ||
    error instanceof UserAuthenticationExpiredError
  )
}

function isLate(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof JetStreamApiError) return API_CODES.get(error.code) ?? `nats-${error.code}`
  if (isLate(error)) return 'time_out'
  if (error instanceof Error && error.name === 'JetStreamNotEnabled') return 'no_jetstream'
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : undefined
}
