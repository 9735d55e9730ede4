import { goods } from '../e2e/goods.ts'
import type { Members } from './answer-log.ts'
import { countDrawer } from './count.ts'
import { demandForeign, ForeignDrawer } from './foreign-drawer.ts'
import { OwnReceivables } from './own-receivables.ts'
import { OwnVouchers } from './own-vouchers.ts'
import { Table } from './table.ts'
import type { Till, Way } from './till.ts'
import { beginGoods, demand, endGoods, money, paymentsOf, saleBody } from './till.ts'
import { linesOfFile } from './vat-file.ts'

/**
 * A sale whose goods come in that way, an evening at a table (orders, a move, a bill and a transfer, each with its void), a
 * sale for foreign cash, a voucher of one purpose that is sold and redeemed, or a claim that is made and paid in part.
 */
export type Act = Way | 'ordered' | 'foreign' | 'vouchers' | 'claims'

/** Acts that take every step, in parts of about as many commits. */
export const ACT_PARTS: readonly (readonly Act[])[] = [
  ['corrected', 'with_completion'],
  ['ordered'],
  ['foreign', 'vouchers', 'claims'],
]
export const ACTS = ACT_PARTS.flat()

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
  const others = {
    table: new Table(till, register, `Tisch ${register}`),
    vouchers: new OwnVouchers(till, register),
    claims: new OwnReceivables(till, register),
  }
  const drawn = typeof acts === 'number' ? Array.from({ length: acts }, () => undefined) : acts
  for (const act of drawn) {
    if (till.over) break
    const isDone = act === undefined ? await drawnAct(till, drawer, others) : await wholeAct(act, drawer, others)
    if (!isDone) await oneAct(till, register, drawer, event, act !== undefined && isWay(act) ? act : undefined)
  }
  // A slip of the first count, now and then, and in each shift whose acts are given.
  await closeShift(till, register, drawer, event, typeof acts !== 'number' || till.random.chance(0.25))
}

type Others = { table: Table; vouchers: OwnVouchers; claims: OwnReceivables }

/** False if the act is to be one of cash and goods. */
async function drawnAct({ random }: Till, drawer: Drawer, { table, vouchers, claims }: Others): Promise<boolean> {
  const lot = random.below(100)
  if (lot < 15) await table.act()
  else if (lot < 25) drawer.cents += await drawer.foreign.act(drawer.cents)
  else if (lot < 35) drawer.cents += await vouchers.act()
  else if (lot < 43) drawer.cents += await claims.act(drawer.cents)
  return lot < 43
}

async function wholeAct(act: Act, drawer: Drawer, { table, vouchers, claims }: Others): Promise<boolean> {
  if (act === 'ordered') await table.evening()
  else if (act === 'foreign') drawer.cents += await drawer.foreign.sell(drawer.cents, 'whole')
  else if (act === 'vouchers') drawer.cents += await vouchers.both('whole')
  else if (act === 'claims') drawer.cents += await claims.both('whole')
  return !isWay(act)
}

function isWay(act: Act): act is Way {
  return act !== 'ordered' && act !== 'foreign' && act !== 'vouchers' && act !== 'claims'
}

async function closeShift(
  till: Till,
  register: string,
  drawer: Drawer,
  event: (type: string, members: object) => Promise<Members>,
  miscounted: boolean,
): Promise<void> {
  const difference = till.random.pick([0, 0, -500, 100])
  const missing = -(drawer.cents + difference)
  if (missing > 0) await event('session_cash_adjustment', { cash_amount: money(missing) })
  if (missing > 0) drawer.cents += missing
  const counted = drawer.cents + difference
  const expected = await countDrawer({ till, register, event }, { ...drawer, counted }, miscounted)
  const leftCents = till.random.pick([0, 1000])
  const adjustment = till.random.pick([true, false]) ? { closing_adjustment_amount: money(leftCents - counted) } : {}
  const closed = await till.close({ register_id: register, currency: 'EUR', ...adjustment })
  demandForeign(closed, expected)
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
  const cents = 100 + till.random.below(9_900)
  const isOfFile = till.random.chance(0.15)
  const body = isOfFile ? goods('sale', register, linesOfFile(cents)) : saleBody(register, cents)
  const begun = await beginGoods(till, body, way)
  const { path, version } = begun
  if (kind === 2) {
    const voided = await till.act(`${path}/void`, { reason: 'operator_cancelled' }, version)
    demand(voided['status'] === 'voided', `${path} must be voided: ${String(voided['status'])}`)
    return
  }
  const cash = till.random.chance(0.7)
  // Goods that come with the completion have the tip among their own amounts.
  const tip = Object.keys(begun.last).length === 0 && till.random.chance(0.2) ? 1 + till.random.below(500) : 0
  const tipped = tip === 0 ? {} : { tip_amount: money(tip), tip_recipient: till.random.pick(['employee', 'owner']) }
  const total = money(cents + tip)
  const members = { payments: paymentsOf(total, cash), ...tipped, ...issuedAtOnce(cents) }
  const completed = await endGoods(till, begun, members)
  demand(completed['total_amount'] === total, `${path} must come to ${total}: ${String(completed['total_amount'])}`)
  if (cash) drawer.cents += cents + tip
  if (way !== undefined || isIssuedLater(cents)) await issue(till, path)
}

/** Every third sale says with its completion how its receipt is issued, every third afterwards; nothing is drawn for it. */
function issuedAtOnce(cents: number): object {
  return cents % 3 === 0 ? { issued_as: 'paper' } : {}
}

function isIssuedLater(cents: number): boolean {
  return cents % 3 === 1
}

async function issue(till: Till, path: string): Promise<void> {
  const issued = await till.act(`${path}/issued`, { issued_as: 'digital' })
  demand(issued['issued_as'] === 'digital', `${path} must be issued digitally: ${String(issued['issued_as'])}`)
}
