import { toAtoms, toCents } from '../../../base/money.ts'
import { linesIn } from './operation-parts.ts'
import type { Movement, Portion, UseRule } from './use-rule.ts'

type Tax = { readonly rate: string; readonly code?: string }

/** Deposits: each rate of one, and each reason of a rate of 0, apart. A return of a capture may give some of it back. */
export const depositUses: UseRule = {
  holds({ id, kind, shown }) {
    return kind === 'deposit' ? portionsOf(shown, id, 1n) : []
  },
  uses(movement, usedBy) {
    const { kind, shown } = movement
    const whole = shown['related_operation_id']
    const original = typeof whole === 'string' ? whole : undefined
    if (kind === 'deposit_capture' || (kind === 'return' && isOfDeposit(movement)))
      return portionsOf(shown, original, -1n)
    if (kind !== 'return') return []
    // A line without a reference goes back to the one deposit that the capture took.
    const taken = new Set(usedBy(original ?? '').map((portion) => portion.original))
    const [only] = taken.size === 1 ? taken : []
    return portionsOf(shown, only, -1n)
  },
}

function isOfDeposit({ shown }: Movement): boolean {
  const lines = linesIn(shown)
  return lines.length > 0 && lines.every(({ type }) => type === 'deposit')
}

/** The lines of type `deposit`; `whose`: the deposit of those without a reference. */
function portionsOf(shown: Movement['shown'], whose: string | undefined, sign: 1n | -1n): Portion[] {
  return linesIn(shown).flatMap((line): Portion[] => {
    const original = line.related_operation_id ?? whose
    const [tax] = line.taxes as readonly Tax[]
    if (line.type !== 'deposit' || original === undefined || tax === undefined) return []
    const { rate, code = 'exempt' } = tax
    return [{ what: 'deposit', original, part: `${toAtoms(rate)} ${code}`, cents: sign * toCents(line.total_amount) }]
  })
}
