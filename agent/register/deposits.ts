import { formatCents, toAtoms, toCents } from '../../base/money.ts'
import type { CreateGoods } from '../contract/goods.ts'
import { FiskalError } from '../errors.ts'

type Lines = CreateGoods['line_items']

/** The meaning of a rate of 0 without a code, in a law with several reasons. */
const LEFT_OUT = 'exempt'

/** True for operations that reduce a deposit: its capture, or its return, in which all lines have type `deposit`. */
export function takesOffDeposit({
  type,
  line_items: lines = [],
}: {
  type?: string | undefined
  line_items?: readonly { type?: string | undefined }[] | undefined
}): boolean {
  return type === 'deposit_capture' || (type === 'return' && lines[0]?.type === 'deposit')
}

/**
 * Checks that a deposit is taken off or returned at its own rates (a rate of 0 for the same reason) and at most up to the
 * rest of it: otherwise the tax of both operations would be wrong. `before`: the lines of earlier operations that reduced the
 * deposit. Throws `unprocessable_entity`.
 */
export function checkTakenOff(lines: Lines, booked: Lines, before: readonly Lines[]): void {
  const left = sumsByRate([booked, ...before])
  for (const [rate, { cents, as }] of sumsByRate([lines])) {
    const held = left.get(rate)
    if (held === undefined) {
      const words = [...left.values()].map((other) => other.as)
      throw refused(`The deposit is booked at ${words.join(', ')} and cannot be taken off at ${as}.`)
    }
    if (held.cents + cents < 0n)
      throw refused(
        `The deposit has ${formatCents(held.cents)} left at ${held.as}: ${formatCents(-cents)} cannot be taken off.`,
      )
  }
}

/** Sums of the lines of type `deposit`, by rate and by the reason of a rate of 0; lines of a capture or return are negative. */
function sumsByRate(all: readonly Lines[]): Map<string, { cents: bigint; as: string }> {
  const sums = new Map<string, { cents: bigint; as: string }>()
  for (const { type, taxes, total_amount } of all.flat()) {
    const [tax] = taxes
    if (type !== 'deposit' || tax === undefined) continue
    const { rate, code } = tax
    const key = `${toAtoms(rate)} ${code ?? LEFT_OUT}`
    const { cents, as } = sums.get(key) ?? { cents: 0n, as: code === undefined ? rate : `${rate} (${code})` }
    sums.set(key, { cents: cents + toCents(total_amount), as })
  }
  return sums
}

function refused(message: string): FiskalError {
  return new FiskalError('unprocessable_entity', message, { pointer: '/line_items' })
}
