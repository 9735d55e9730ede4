import { operationsControllerComplete } from './generated/client'
import type { CompleteOperationDto } from './names.ts'

/** Must not compile: a completion without `If-Match`. */
export function forget(id: string, body: CompleteOperationDto) {
  return operationsControllerComplete(id, body, { 'Idempotency-Key': 'complete' })
}
