import { formatCents } from '../../base/money.ts'
import type { DrawerBelowZero } from '../contract/hint.ts'
import type { SessionState } from '../contract/session.ts'
import type {
  CreateSessionCashAdjustment,
  CreateSessionCashCount,
  CreateSessionClose,
  CreateSessionOpen,
  MovementType,
} from '../contract/session-event.ts'
import { FiskalError, unprocessable } from '../errors.ts'
import { centsOf, refuseForeignCurrency } from './amounts.ts'

/** The newest session of a register; undefined before its first. */
type Newest = { id: string; state: SessionState } | undefined

/** The sign that the amount of a movement type must have; the other types allow both. */
const SIGNS: Partial<Record<MovementType, 1n | -1n>> = {
  owner_withdrawal: -1n,
  owner_deposit: 1n,
  pay_in: 1n,
  pay_out: -1n,
  wage: -1n,
  tip_payout: -1n,
}

const OPEN_OPERATIONS_NAMED = 100

/** For `session_open`: throws `session_invalid_state` or `session_already_counted` while a session is not closed. */
export function refuseUnlessClosed(session: Newest, registerId: string): void {
  if (session === undefined || session.state === 'closed') return
  if (session.state === 'counted') throw alreadyCounted(session.id, registerId)
  throw new FiskalError('session_invalid_state', `Session ${session.id} of register ${registerId} is still open.`, {
    register_id: registerId,
    session_id: session.id,
    state: session.state,
  })
}

/** For goods, adjustments and the count: returns the session's id. Throws `no_open_session`, `session_already_counted`. */
export function requireOpenSession(session: Newest, registerId: string): string {
  const current = notClosed(session, registerId)
  if (current.state === 'counted') throw alreadyCounted(current.id, registerId)
  return current.id
}

/**
 * For a count that corrects the newest one of the session: returns the session's id. `newestCount` is that of the register.
 * Throws `no_open_session`, `related_operation_invalid`.
 */
export function requireCorrectable(
  session: Newest,
  registerId: string,
  { wanted, newestCount }: { wanted: string; newestCount: string | undefined },
): string {
  const current = notClosed(session, registerId)
  if (current.state === 'counted' && wanted === newestCount) return current.id
  const message =
    current.state === 'counted'
      ? `Operation ${wanted} is not the newest count of session ${current.id}: correct ${newestCount}.`
      : `Session ${current.id} has no count yet: count without corrects_operation_id.`
  throw new FiskalError('related_operation_invalid', message, {
    corrects_operation_id: wanted,
    pointer: '/corrects_operation_id',
    session_id: current.id,
    newest_count_id: current.state === 'counted' ? newestCount : undefined,
  })
}

/** Counted − counted before. Throws `unprocessable_entity` if both are the same, also in foreign cash. */
export function countCorrection(countedCents: bigint, beforeCents: bigint, isOtherForeign: boolean): bigint {
  if (countedCents !== beforeCents || isOtherForeign) return countedCents - beforeCents
  const pointer = '/counted_closing_amount'
  throw unprocessable(`counted_closing_amount is ${formatCents(beforeCents)} already: nothing is corrected.`, pointer)
}

/** For `session_close`: returns the session's id. Throws `no_open_session`, `session_not_counted`. */
export function requireCountedSession(session: Newest, registerId: string): string {
  const current = notClosed(session, registerId)
  if (current.state === 'counted') return current.id
  throw new FiskalError('session_not_counted', `Session ${current.id} is not counted. Send session_cash_count first.`, {
    register_id: registerId,
    session_id: current.id,
  })
}

function notClosed(session: Newest, registerId: string): NonNullable<Newest> {
  if (session !== undefined && session.state !== 'closed') return session
  throw new FiskalError('no_open_session', `Register ${registerId} has no open session. Send session_open first.`, {
    register_id: registerId,
  })
}

function alreadyCounted(sessionId: string, registerId: string): FiskalError {
  return new FiskalError(
    'session_already_counted',
    `Session ${sessionId} is counted: only session_close is accepted.`,
    { register_id: registerId, session_id: sessionId },
  )
}

/** For count and close: throws `open_operations`, with the ids of at most 100. */
export function refuseOpenOperations(operationIds: readonly string[]): void {
  if (operationIds.length === 0) return
  throw new FiskalError(
    'open_operations',
    `${operationIds.length} operation(s) of the register are open. Complete or void them first.`,
    { count: operationIds.length, operation_ids: operationIds.slice(0, OPEN_OPERATIONS_NAMED) },
  )
}

/** The float in cents. Throws `currency_not_supported`, `unprocessable_entity` (negative), `amount_mismatch`. */
export function openingCents({ currency, opening_balance_amount }: CreateSessionOpen): bigint {
  refuseForeignCurrency(currency)
  return notNegative(opening_balance_amount, '/opening_balance_amount')
}

/**
 * Amount and type of a cash adjustment; the default is the way to or from the safe (DSFinV-K, GV_TYP Geldtransit).
 * Throws `currency_not_supported`, `amount_mismatch`, and `unprocessable_entity` for zero or a wrong sign.
 */
export function cashAdjustment(request: CreateSessionCashAdjustment): { cents: bigint; movementType: MovementType } {
  refuseForeignCurrency(request.currency)
  const cents = centsOf(request.cash_amount, '/cash_amount')
  if (cents === 0n) throw unprocessable('cash_amount must not be 0.', '/cash_amount')
  const movementType = request.movement_type ?? (cents < 0n ? 'safe_drop' : 'float_in')
  const sign = SIGNS[movementType]
  if (sign !== undefined && cents * sign < 0n) {
    throw unprocessable(
      `cash_amount of ${movementType} must be ${sign < 0n ? 'negative: cash goes out' : 'positive: cash comes in'}.`,
      '/cash_amount',
    )
  }
  return { cents, movementType }
}

/** For an adjustment: throws `drawer_insufficient` if it takes out more than the drawer should hold (`expected` cents). */
export function refuseOverdrawn(registerId: string, expected: bigint, cents: bigint): void {
  if (cents >= 0n || expected + cents >= 0n) return
  const amount = formatCents(expected)
  const message = `The drawer should hold ${amount}: ${formatCents(-cents)} cannot be taken out.`
  throw new FiskalError('drawer_insufficient', message, { register_id: registerId, expected_amount: amount })
}

/** The hint that more cash went out than the drawer should have held; undefined if it did not. */
export function belowZero(sessionId: string, expected: bigint): DrawerBelowZero | undefined {
  if (expected >= 0n) return undefined
  const amount = formatCents(expected)
  const message = `The drawer should hold ${amount}: more cash went out than was recorded in it.`
  return { code: 'drawer_below_zero', message, session_id: sessionId, expected_amount: amount }
}

/** Counted − expected. Throws `currency_not_supported`, `unprocessable_entity` (negative count), `amount_mismatch`. */
export function cashCount(
  { currency, counted_closing_amount }: CreateSessionCashCount,
  expected: bigint,
): { countedCents: bigint; diffCents: bigint } {
  refuseForeignCurrency(currency)
  const countedCents = notNegative(counted_closing_amount, '/counted_closing_amount')
  return { countedCents, diffCents: countedCents - expected }
}

/** The cents moved at the close; 0 needs no signature. Throws `currency_not_supported`, `amount_mismatch`. */
export function closingAdjustment({ currency, closing_adjustment_amount }: CreateSessionClose): bigint {
  refuseForeignCurrency(currency)
  return centsOf(closing_adjustment_amount ?? '0', '/closing_adjustment_amount')
}

/** The cents left for the next shift. Throws `unprocessable_entity` if they are negative. */
export function leftInDrawer(countedCents: bigint, adjustmentCents: bigint): bigint {
  const remainingCents = countedCents + adjustmentCents
  if (remainingCents >= 0n) return remainingCents
  throw unprocessable(
    `closing_adjustment_amount takes out more than the ${formatCents(countedCents)} that were counted.`,
    '/closing_adjustment_amount',
  )
}

function notNegative(amount: string, pointer: string): bigint {
  const cents = centsOf(amount, pointer)
  if (cents < 0n) throw unprocessable(`${pointer} must not be negative.`, pointer)
  return cents
}
