import type { Members } from './answer-log.ts'
import { demandForeign, ForeignDrawer } from './foreign-drawer.ts'
import { OwnVouchers } from './own-vouchers.ts'
import { Table } from './table.ts'
import type { Till, Way } from './till.ts'
import { beginGoods, demand, endGoods, money, paymentsOf, saleBody } from './till.ts'

/**
 * A sale whose goods come in that way, an evening at a table (orders, a move, a bill and its void), a sale for foreign cash,
 * or a voucher of one purpose that is sold and redeemed.
 */
type Act = Way | 'ordered' | 'foreign' | 'vouchers'

/** The expected cash in the drawer of a register by the till's own count. */
type Drawer = { cents: number; foreign: ForeignDrawer }

/**
 * `acts` acts of a shift, or each of these, then the count and the close. Every answer is compared with the
 * till's own arithmetic.
 */
export async function workShift(till: Till, register: string, acts: number | readonly Act[]): Promise<void> {
  const event = (type: string, members: object): Promise<Members> =>
    till.act('/v1/operations', { type, register_id: register, currency: 'EUR', ...members })
  const opening = till.random.below(20_000)
  const drawer: Drawer = { cents: opening, foreign: new ForeignDrawer(till, register) }
  await event('session_open', { opening_balance_amount: money(opening) })
  const others = { table: new Table(till, register, `Tisch ${register}`), vouchers: new OwnVouchers(till, register) }
  const drawn = typeof acts === 'number' ? Array.from({ length: acts }, () => undefined) : acts
  for (const act of drawn) {
    if (till.over) break
    const isDone = act === undefined ? await drawnAct(till, drawer, others) : await wholeAct(act, drawer, others)
    if (!isDone) await oneAct(till, register, drawer, event, act !== undefined && isWay(act) ? act : undefined)
  }
  await closeShift(till, register, drawer, event)
}

type Others = { table: Table; vouchers: OwnVouchers }

/** False if the act is to be one of cash and goods. */
async function drawnAct({ random }: Till, drawer: Drawer, { table, vouchers }: Others): Promise<boolean> {
  const lot = random.below(100)
  if (lot < 15) await table.act()
  else if (lot < 25) drawer.cents += await drawer.foreign.act(drawer.cents)
  else if (lot < 35) drawer.cents += await vouchers.act()
  return lot < 35
}

async function wholeAct(act: Act, drawer: Drawer, { table, vouchers }: Others): Promise<boolean> {
  if (act === 'ordered') await table.evening()
  else if (act === 'foreign') drawer.cents += await drawer.foreign.sell(drawer.cents, 'whole')
  else if (act === 'vouchers') drawer.cents += await vouchers.both()
  return !isWay(act)
}

function isWay(act: Act): act is Way {
  return act !== 'ordered' && act !== 'foreign' && act !== 'vouchers'
}

async function closeShift(
  till: Till,
  register: string,
  drawer: Drawer,
  event: (type: string, members: object) => Promise<Members>,
): Promise<void> {
  const difference = till.random.pick([0, 0, -500, 100])
  const counted = drawer.cents + difference
  if (counted < 0) await event('session_cash_adjustment', { cash_amount: money(-counted) })
  if (counted < 0) drawer.cents -= counted
  const foreign = drawer.foreign.counted()
  const euros = { counted_closing_amount: money(drawer.cents + difference) }
  const count = await event('session_cash_count', { ...euros, ...foreign.sent })
  demandForeign(count, foreign.expected)
  demand(
    count['expected_closing_amount'] === money(drawer.cents),
    `the drawer of ${register} must hold ${money(drawer.cents)}, the agent expects ${String(count['expected_closing_amount'])}`,
  )
  const leftCents = till.random.pick([0, 1000])
  const adjustment = till.random.pick([true, false])
    ? { closing_adjustment_amount: money(leftCents - drawer.cents - difference) }
    : {}
  const closed = await till.close({ register_id: register, currency: 'EUR', ...adjustment })
  demandForeign(closed, foreign.expected)
}

async function oneAct(
  till: Till,
  register: string,
  drawer: Drawer,
  event: (type: string, members: object) => Promise<Members>,
  way: Way | undefined,
): Promise<void> {
  const kind = way === undefined ? till.random.below(10) : 9
  if (kind < 2) {
    const picked = till.random.pick([-100, 250, 2000])
    // The drawer limits what is taken out.
    const cents = picked < 0 && drawer.cents + picked < 0 ? -picked : picked
    await event('session_cash_adjustment', { cash_amount: money(cents) })
    drawer.cents += cents
    return
  }
  const body = saleBody(register, 100 + till.random.below(9_900))
  const begun = await beginGoods(till, body, way)
  const { path, version } = begun
  if (kind === 2) {
    const voided = await till.act(`${path}/void`, { reason: 'operator_cancelled' }, version)
    demand(voided['status'] === 'voided', `${path} must be voided: ${String(voided['status'])}`)
    return
  }
  const cash = till.random.chance(0.7)
  const total = body.total_amount
  const completed = await endGoods(till, begun, { payments: paymentsOf(total, cash), ...issuedAtOnce(body) })
  demand(completed['total_amount'] === total, `${path} must come to ${total}: ${String(completed['total_amount'])}`)
  if (cash) drawer.cents += Math.round(Number(total) * 100)
  if (way !== undefined || isIssuedLater(body)) await issue(till, path)
}

type Sale = ReturnType<typeof saleBody>

/** Every third sale says with its completion how its receipt is issued, every third afterwards; nothing is drawn for it. */
function issuedAtOnce({ total_amount: total }: Sale): object {
  return Number(total.at(-1)) % 3 === 0 ? { issued_as: 'paper' } : {}
}

function isIssuedLater({ total_amount: total }: Sale): boolean {
  return Number(total.at(-1)) % 3 === 1
}

async function issue(till: Till, path: string): Promise<void> {
  const issued = await till.act(`${path}/issued`, { as: 'digital' })
  demand(issued['issued_as'] === 'digital', `${path} must be issued digitally: ${String(issued['issued_as'])}`)
}
