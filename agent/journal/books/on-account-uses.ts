import { toCents } from '../../../base/money.ts'
import type { Members } from '../events.ts'
import type { Payment } from './operation-parts.ts'
import { linesIn, paidCents } from './operation-parts.ts'
import type { Portion, UseRule } from './use-rule.ts'

const CLAIM = { what: 'claim', part: '' } as const

/** Claims: what an operation left on account. Lines of later ones settle it, and a return takes some of it back. */
export const onAccountUses: UseRule = {
  holds({ id, kind, shown }) {
    const cents = kind === 'sale' || kind === 'deposit_capture' ? onAccount(shown) : 0n
    return cents === 0n ? [] : [{ original: id, ...CLAIM, cents }]
  },
  uses({ kind, shown }) {
    const settled = linesIn(shown).flatMap((line): Portion[] => {
      const { type, related_operation_id: original, total_amount: total } = line
      return type === 'receivable' && original !== undefined ? [{ original, ...CLAIM, cents: toCents(total) }] : []
    })
    const original = shown['related_operation_id']
    const cents = kind === 'return' ? -onAccount(shown) : 0n
    if (cents === 0n || typeof original !== 'string') return settled
    return [...settled, { original, ...CLAIM, cents }]
  },
}

function onAccount({ payments = [] }: Members): bigint {
  const all = payments as unknown as readonly Payment[]
  return all.reduce((sum, payment) => (payment.method === 'on_account' ? sum + paidCents(payment) : sum), 0n)
}
