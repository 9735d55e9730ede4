import { formatCents, toAtoms, toCents } from '../../base/money.ts'
import type { CreateGoods } from '../contract/goods.ts'
import { FiskalError } from '../errors.ts'
import { isDeposit } from './line-types.ts'

type Lines = CreateGoods['line_items']

/** The meaning of a rate of 0 without a code, in a law with several reasons. */
const LEFT_OUT = 'exempt'

/** The parts of an operation that show what it does with a deposit. */
type Movement = {
  type?: string | undefined
  line_items?: readonly { type?: string | undefined }[] | undefined
}

/** True for operations that reduce a deposit: its capture, or its return, in which all lines have type `deposit`. */
export function takesOffDeposit({ type, line_items: lines = [] }: Movement): boolean {
  return type === 'deposit_capture' || (type === 'return' && lines.length > 0 && lines.every(isDeposit))
}

/** True for the return of a capture after which the deposit is valid again: goods, and lines of type `deposit`. */
export function givesDepositBack({ type, line_items: lines = [] }: Movement): boolean {
  return type === 'return' && lines.some(isDeposit) && !lines.every(isDeposit)
}

/**
 * The lines of type `deposit` by the deposit that they take off or give back; `rest`: that of lines without a
 * `related_operation_id`.
 */
export function depositLines<Line extends { type?: string | undefined; related_operation_id?: string | undefined }>(
  lines: readonly Line[],
  rest: string | undefined,
): Map<string | undefined, Line[]> {
  const groups = new Map<string | undefined, Line[]>()
  for (const line of lines.filter(isDeposit)) {
    const { related_operation_id: deposit = rest } = line
    groups.set(deposit, [...(groups.get(deposit) ?? []), line])
  }
  return groups
}

/**
 * Checks that a deposit is taken off or returned at its own rates (a rate of 0 for the same reason), and not more than is
 * left of it: otherwise the tax of both operations would be wrong. `before`: the lines of earlier operations that reduced
 * the deposit. `which`: its name in the refusal, after a blank. Throws `unprocessable_entity`.
 */
export function checkTakenOff(lines: Lines, booked: Lines, before: readonly Lines[], which: string): void {
  const remainingByRate = sumsByRate([booked, ...before])
  for (const [rate, { cents, as }] of sumsByRate([lines])) {
    const held = remainingByRate.get(rate)
    if (held === undefined) {
      const words = [...remainingByRate.values()].map((other) => other.as)
      throw refused(`The deposit${which} is booked at ${words.join(', ')} and cannot be taken off at ${as}.`)
    }
    if (held.cents + cents < 0n)
      throw refused(
        `The deposit${which} has ${formatCents(held.cents)} left at ${held.as}: ${formatCents(-cents)} cannot be taken off.`,
      )
  }
}

/**
 * Checks that a return gives back at most the part of a deposit that its capture took, by rate. `before`: the lines of
 * earlier returns of the capture that gave some of it back. Throws `unprocessable_entity`.
 */
export function checkGivenBack(lines: Lines, captured: Lines, before: readonly Lines[], which: string): void {
  const taken = sumsByRate([captured, ...before])
  for (const [rate, { cents, as }] of sumsByRate([lines])) {
    const remainingCents = -(taken.get(rate)?.cents ?? 0n)
    if (cents <= remainingCents) continue
    throw refused(
      `The capture took ${formatCents(remainingCents)} of the deposit${which} at ${as} that did not come back: ${formatCents(cents)} cannot be given back.`,
    )
  }
}

/**
 * Checks that a return does not make money valid as a deposit that was paid out already: the returns of a capture pay
 * out the amount that it came to, and only then the deposit. `paidOutCents`: by its earlier returns. Throws
 * `unprocessable_entity`.
 */
export function checkNotPaidOut(
  lines: Lines,
  capture: { line_items: Lines; total_amount: string },
  before: readonly Lines[],
  paidOutCents: bigint,
): void {
  const beyond = paidOutCents - toCents(capture.total_amount)
  const remainingCents = -depositCents([capture.line_items, ...before].flat()) - (beyond > 0n ? beyond : 0n)
  const cents = depositCents(lines)
  if (beyond <= 0n || cents <= remainingCents) return
  const free = formatCents(remainingCents > 0n ? remainingCents : 0n)
  throw refused(
    `${formatCents(paidOutCents)} of the capture was paid out already: ${free} of the deposit can be given back, not ${formatCents(cents)}.`,
  )
}

/** True if nothing is left of the sum of these lines of type `deposit`, at any rate. */
export function isBalanced(all: readonly Lines[]): boolean {
  return [...sumsByRate(all).values()].every(({ cents }) => cents === 0n)
}

/** True if the lines take more off than there is, at any rate. */
export function isOverdrawn(all: readonly Lines[]): boolean {
  return [...sumsByRate(all).values()].some(({ cents }) => cents < 0n)
}

/** Sum of the lines of type `deposit`. */
export function depositCents(lines: Lines): bigint {
  return lines.filter(isDeposit).reduce((sum, { total_amount }) => sum + toCents(total_amount), 0n)
}

/** The same by rate and by the reason of a rate of 0; lines that take a deposit off are negative. */
function sumsByRate(all: readonly Lines[]): Map<string, { cents: bigint; as: string }> {
  const sums = new Map<string, { cents: bigint; as: string }>()
  for (const line of all.flat()) {
    const { taxes, total_amount } = line
    const [tax] = taxes
    if (!isDeposit(line) || tax === undefined) continue
    const { rate, code } = tax
    const key = rateKey(tax)
    const { cents, as } = sums.get(key) ?? { cents: 0n, as: code === undefined ? rate : `${rate} (${code})` }
    sums.set(key, { cents: cents + toCents(total_amount), as })
  }
  return sums
}

/** The same text for the same rate, and for the same reason of a rate of 0. */
export function rateKey({ rate, code = LEFT_OUT }: { rate: string; code?: string | undefined }): string {
  return `${toAtoms(rate)} ${code}`
}

function refused(message: string): FiskalError {
  return new FiskalError('unprocessable_entity', message, { pointer: '/line_items' })
}
