import type { Json } from '../../base/canonical.ts'
import { canonicalJson } from '../../base/canonical.ts'
import { FiskalError } from '../errors.ts'
import type { NewEvent } from './events.ts'

/** Of a line of a replayed batch: what any receiver takes as one event. */
const LINE_BYTES = 1 << 20
/** The members beside the body, with room to spare. */
const FRAME_BYTES = 2048
/** Of payments that every sale leaves room for: those of five of the longest texts. */
const PAYMENTS_BYTES = 64 * 1024
const FEW_PAYMENTS = 5
/** What a void has beside the lines that it reverses and its payments: its own texts (38 KiB at most), a sign for each amount. */
const REVERSAL_TEXTS_BYTES = 64 * 1024
const REVERSAL_BYTES = REVERSAL_TEXTS_BYTES + PAYMENTS_BYTES
/** A body of fewer characters fits, whatever they are: six bytes for each at most. */
const SURE_LENGTH = (LINE_BYTES - REVERSAL_BYTES - FRAME_BYTES) / 6

/**
 * An event that no receiver takes would stand in the way of the whole replay for ever: the request is refused instead,
 * before anything is recorded. What is sold leaves room for the void of it. Undefined where all fit.
 */
export function tooLargeEvent(events: readonly NewEvent[], bodies: readonly string[]): FiskalError | undefined {
  const large = bodies.some((body, index) => {
    const limit = events[index]?.kind === 'operation.created' ? LINE_BYTES - REVERSAL_BYTES : LINE_BYTES
    return body.length > SURE_LENGTH && lineBytes(body) > limit
  })
  return large ? tooLarge('Send its lines in several operations') : undefined
}

/** Throws `payload_too_large` where an operation with such payments could not be voided any more. */
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
