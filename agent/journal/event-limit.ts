import type { Json } from '../../base/canonical.ts'
import { canonicalJson } from '../../base/canonical.ts'
import { FiskalError } from '../errors.ts'
import type { OpenPart } from './books/open-lines.ts'
import type { Priority } from './commands.ts'
import type { Marks, NewEvent } from './events.ts'

/** Limit of a line of a sent batch: any receiver accepts it as one event. */
const LINE_BYTES = 1 << 20
/** Limit of the other members of the line, with a reserve. */
const FRAME_BYTES = 2048
/** Each sale leaves room for five payments with the longest texts. */
const PAYMENTS_BYTES = 64 * 1024
const FEW_PAYMENTS = 5
/**
 * The signs and texts of a void: it has the lines of its sale with a sign before each amount, its payments, and other
 * texts of at most 38 KiB.
 */
const REVERSAL_TEXTS_BYTES = 64 * 1024
const REVERSAL_BYTES = REVERSAL_TEXTS_BYTES + PAYMENTS_BYTES
/** Open order lines that every void may open again within the reserve of its texts. */
const FEW_LINES = 10
/** A body of fewer characters always fits: JSON writes a character in at most six bytes. */
const SURE_LENGTH = (LINE_BYTES - REVERSAL_BYTES - FRAME_BYTES) / 6

/**
 * An event that no receiver accepts would block the whole sync permanently: its request is refused instead, before
 * anything is recorded. Goods leave space for their void, whatever event brings them. The outcome of an act and an end
 * without goods are always recorded, unless it settles or cancels too many open order lines: a smaller one can end the
 * operation. Undefined if all fit.
 */
export function tooLargeEvent(
  priority: Priority,
  events: readonly NewEvent[],
  bodies: readonly string[],
): FiskalError | undefined {
  if (priority === 'outcome') return undefined
  const hasOrders = events.some(({ body }: { body: Marks }) => body.orders !== undefined)
  const large = bodies.some((text, index) => {
    if (text.length <= SURE_LENGTH) return false
    const hasGoods = bringsGoods(events[index]?.body ?? {})
    if (priority === 'finish' && !hasGoods && !hasOrders) return false
    return lineBytes(text) > (hasGoods ? LINE_BYTES - REVERSAL_BYTES : LINE_BYTES)
  })
  if (!large) return undefined
  return hasOrders ? tooManyLines() : tooLarge('Send its lines in several operations')
}

/** Limit of all events of an operation before its end. */
const HISTORY_BYTES = 4 << 20

/**
 * Throws `payload_too_large` for an amendment with which the events of an operation would be longer than their limit:
 * each contains all goods. `stored`: the bytes of the events so far.
 */
export function refuseLongHistory(operation: string, stored: number, body: Json): void {
  if (stored + LINE_BYTES <= HISTORY_BYTES) return
  if (stored + FRAME_BYTES + Buffer.byteLength(canonicalJson(body)) <= HISTORY_BYTES) return
  throw new FiskalError(
    'payload_too_large',
    `The amendments of operation ${operation} would take more than 4 MiB in the journal: complete it, or begin another.`,
    { operation_id: operation, limit_bytes: HISTORY_BYTES },
  )
}

/** True for lines that may be voided later: those of a void are not. */
function bringsGoods({ index, set, plan }: Marks): boolean {
  return index?.kind !== 'void' && (set?.['line_items'] ?? plan?.set?.['line_items']) !== undefined
}

/** Throws `payload_too_large` if an operation with such payments, or one that settles so many open order lines, could no longer be voided. */
export function refuseIrreversible(
  document: { readonly [member: string]: Json | undefined },
  payments: readonly Json[],
  settled: readonly OpenPart[] = [],
): void {
  const hasFewLines = settled.length <= FEW_LINES
  if (hasFewLines && (payments.length <= FEW_PAYMENTS || lineBytes(canonicalJson(payments)) <= PAYMENTS_BYTES)) return
  const reopened = settled.map((part) => ({ ...part, quantity: String(part.quantity) }))
  const bytes = lineBytes(canonicalJson({ ...document, payments, reopened }))
  if (bytes <= LINE_BYTES - REVERSAL_TEXTS_BYTES) return
  throw hasFewLines ? tooLarge('Send shorter texts of its payments') : tooManyLines()
}

function tooManyLines(): FiskalError {
  return new FiskalError(
    'payload_too_large',
    'Recorded, with room for its void, the request would take more than 1 MiB: it bills, cancels or moves too many open order lines at once. Send them in several operations, each with a part of the lines.',
    { limit_bytes: LINE_BYTES },
  )
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
