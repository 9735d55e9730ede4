import createClient from 'openapi-fetch'
import type { paths } from './generated/schema'
import type { CompleteOperationDto } from './names.ts'

/** Must not compile: a completion without `If-Match`. */
export function forget(id: string, body: CompleteOperationDto) {
  const header = { 'Idempotency-Key': 'complete' }
  return createClient<paths>().POST('/v1/operations/{id}/complete', { params: { path: { id }, header }, body })
}
