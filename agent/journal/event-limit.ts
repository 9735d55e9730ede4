import type { Json } from '../../base/canonical.ts'
import { canonicalJson } from '../../base/canonical.ts'
import { FiskalError } from '../errors.ts'
import type { NewEvent } from './events.ts'

/** Limit of a line of a replayed batch: any receiver accepts it as one event. */
const LINE_BYTES = 1 << 20
/** Limit of the other members of the line, with a reserve. */
const FRAME_BYTES = 2048
/** Of payments that every sale leaves room for: those of five of the longest texts. */
const PAYMENTS_BYTES = 64 * 1024
const FEW_PAYMENTS = 5
/**
 * Limit of the texts that only a void has (38 KiB at most) and a sign for each amount, in addition to the lines that it
 * reverses and its payments.
 */
const REVERSAL_TEXTS_BYTES = 64 * 1024
const REVERSAL_BYTES = REVERSAL_TEXTS_BYTES + PAYMENTS_BYTES
/** A body of fewer characters fits, whatever they are: six bytes for each at most. */
const SURE_LENGTH = (LINE_BYTES - REVERSAL_BYTES - FRAME_BYTES) / 6

/**
 * An event that no receiver accepts would block the whole sync permanently: its request is refused instead, before
 * anything is recorded. A sale leaves space for its void. Undefined if all fit.
 */
export function tooLargeEvent(events: readonly NewEvent[], bodies: readonly string[]): FiskalError | undefined {
  const large = bodies.some((body, index) => {
    const limit = events[index]?.kind === 'operation.created' ? LINE_BYTES - REVERSAL_BYTES : LINE_BYTES
    return body.length > SURE_LENGTH && lineBytes(body) > limit
  })
  return large ? tooLarge('Send its lines in several operations') : undefined
}

/** Throws `payload_too_large` if an operation with such payments could no longer be voided. */
export function refuseIrreversible(
  document: { readonly [member: string]: Json | undefined },
  payments: readonly Json[],
): void {
  if (payments.length <= FEW_PAYMENTS || lineBytes(canonicalJson(payments)) <= PAYMENTS_BYTES) return
  const bytes = lineBytes(canonicalJson({ ...document, payments }))
  if (bytes > LINE_BYTES - REVERSAL_TEXTS_BYTES) throw tooLarge('Send shorter texts of its payments')
}

function tooLarge(instead: string): FiskalError {
  return new FiskalError(
    'payload_too_large',
    `Recorded, with room for its void, the request would take more than 1 MiB. ${instead}.`,
    {
      limit_bytes: LINE_BYTES,
    },
  )
}

function lineBytes(body: string): number {
  return FRAME_BYTES + Buffer.byteLength(JSON.stringify(body))
}
