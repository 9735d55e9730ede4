import { operationsControllerComplete } from './generated/sdk.gen'
import type { CompleteOperationDto } from './names.ts'

/** Must not compile: a completion without `If-Match`. */
export function forget(id: string, body: CompleteOperationDto) {
  return operationsControllerComplete({ path: { id }, headers: { 'Idempotency-Key': 'complete' }, body })
}
