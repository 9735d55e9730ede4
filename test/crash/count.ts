import type { Members } from './answer-log.ts'
import type { ForeignDrawer } from './foreign-drawer.ts'
import { demandForeign } from './foreign-drawer.ts'
import type { Till } from './till.ts'
import { demand, money } from './till.ts'

type Shift = { till: Till; register: string; event: (type: string, members: Members) => Promise<Members> }
/** The expected cash by the till's own count, in cents, and what is counted in the end. */
type Drawer = { cents: number; counted: number; foreign: ForeignDrawer }

/**
 * Counts the drawer; `miscounted`: first with a slip, which a second count corrects. Each answer must have what the till
 * itself expects. Returns the foreign cash that the close must answer.
 */
export async function countDrawer(
  { till, register, event }: Shift,
  { cents, counted, foreign }: Drawer,
  miscounted: boolean,
): Promise<readonly Members[]> {
  const { sent, expected } = foreign.counted()
  const count = async (amount: number, more: Members): Promise<Members> => {
    const done = await event('session_cash_count', { counted_closing_amount: money(amount), ...sent, ...more })
    demandForeign(done, expected)
    const [stated, diff] = [done['expected_closing_amount'], done['closing_cashcount_diff']]
    demand(
      stated === money(cents) && diff === money(amount - cents),
      `the drawer of ${register} must hold ${money(cents)}, the agent expects ${String(stated)}, difference ${String(diff)}`,
    )
    return done
  }
  const slip = miscounted ? counted + 1 + till.random.below(9_000) : counted
  const first = await count(slip, {})
  if (!miscounted) return expected
  const second = await count(counted, { corrects_operation_id: String(first['id']) })
  const corrected = second['correction_amount']
  demand(
    corrected === money(counted - slip),
    `${String(second['id'])} must correct ${money(counted - slip)}: ${String(corrected)}`,
  )
  return expected
}
