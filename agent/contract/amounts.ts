import * as z from 'zod'
import { hasMembers, unfit } from './parse.ts'
import { money } from './scalars.ts'

/** Amounts of an operation; their arithmetic is `register/goods-rules.ts`. */
export const amounts = {
  pretax_amount: money.describe('The total less tax and tip.'),
  tax_amount: money.describe('Sum of the taxes of the lines, each rounded or not.'),
  tip_amount: money.describe('Part of the total, but of no line; `0.00` without a tip.'),
  total_amount: money.describe('All lines and the tip, to the cent; of an exchange the difference.'),
}

/** In a request: next to lines all of them are required, without lines none. */
export const sentAmounts = {
  pretax_amount: amounts.pretax_amount.optional(),
  tax_amount: amounts.tax_amount.optional(),
  tip_amount: amounts.tip_amount.optional(),
  total_amount: amounts.total_amount.optional(),
}

type Name = keyof typeof amounts

/** The same of goods that are whole once checked: {@link requiredAmounts} adds what may be left out. */
export const wholeAmounts = sentAmounts as unknown as {
  readonly [Each in Name]: z.ZodDefault<(typeof amounts)[Each]>
}

type Amounts = { [Each in Name]: string }
type SentGoods = { line_items: readonly unknown[] } & { [Each in Name]?: string | undefined }
/** A part of it may be of any type: it is checked next to the other problems. */
type Unchecked = { readonly line_items?: unknown } & { [Each in Name]?: unknown }

/** The four amounts of an operation. */
export const AMOUNT_NAMES = [
  'pretax_amount',
  'tax_amount',
  'tip_amount',
  'total_amount',
] as const satisfies readonly Name[]
const NOTHING = '0.00'

const REQUIRED = 'is required'

/**
 * Reports each amount that is missing next to lines, also of a request with other problems. An operation that begins with
 * nothing comes to nothing: set here, as a separate step of zod costs a tenth of checking a sale (measured).
 */
export const requiredAmounts = z.core._check<Unchecked>(({ value, issues }) => {
  const { line_items: lines } = value
  if (!Array.isArray(lines)) return
  for (const name of AMOUNT_NAMES) {
    if (value[name] !== undefined) continue
    if (lines.length > 0) issues.push({ code: 'custom', message: REQUIRED, path: [name], input: undefined })
    else value[name] = NOTHING
  }
})
requiredAmounts._zod.def.when = hasMembers

/** The same for goods whose type the request does not name: only later it is known whether their amounts are required. */
export function refuseMissingAmounts(goods: SentGoods): void {
  const missing = AMOUNT_NAMES.filter((name) => goods[name] === undefined)
  if (missing.length > 0 && goods.line_items.length > 0)
    throw unfit(missing.map((name) => ({ pointer: `/${name}`, message: REQUIRED })))
}

/** Goods with their four amounts, which a request without lines may leave out. */
export type Whole<Sent extends SentGoods> = Omit<Sent, Name> & Amounts

/** An operation that begins with nothing comes to nothing. With lines it has its amounts. */
export function withAmounts<Sent extends SentGoods>(sent: Sent): Whole<Sent> {
  if (sent.line_items.length > 0) return sent as Whole<Sent>
  return {
    ...sent,
    pretax_amount: sent.pretax_amount ?? NOTHING,
    tax_amount: sent.tax_amount ?? NOTHING,
    tip_amount: sent.tip_amount ?? NOTHING,
    total_amount: sent.total_amount ?? NOTHING,
  }
}
