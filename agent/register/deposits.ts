import { formatCents, toAtoms, toCents } from '../../base/money.ts'
import type { CreateGoods } from '../contract/goods.ts'
import { FiskalError } from '../errors.ts'

type Lines = CreateGoods['line_items']

/** What a rate of 0 means without a code, where its law knows several reasons. */
const LEFT_OUT = 'exempt'

/** True for what uses a deposit up: the goods that it was paid for, or its return, whose lines are all of it. */
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
 * A deposit is taken off, or given back, at the rates it was booked at, untaxed for the same reason, and no more of it
 * than is left: else the tax of both would be wrong. `before` are the lines of what took it off already. Throws
 * `unprocessable_entity`.
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
        `Of the deposit ${formatCents(held.cents)} is left at ${held.as}: ${formatCents(-cents)} cannot be taken off.`,
      )
  }
}

/** Lines of type `deposit`, by rate and the reason of one that is 0; those of a capture or return are negative. */
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
