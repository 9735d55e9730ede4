import { operationsControllerComplete } from './generated/client'
import type { CompleteOperationDto } from './names.ts'

/** Must not compile: a completion without `If-Match`. */
export function forget(id: string, completeOperationDto: CompleteOperationDto) {
  return operationsControllerComplete({ id, idempotencyKey: 'complete', completeOperationDto })
}
