import { toCents } from '../../../base/money.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import type { GoodsDocument } from '../../journal/documents/document.ts'
import { isReferenced } from '../../register/direction.ts'
import { lineRules } from '../../register/line-types.ts'
import { articleKey } from '../../register/negative-lines.ts'

type Line = CreateGoods['line_items'][number]
/** The amount that is taken off a line, and the titles of the lines that take it off. */
export type TakenOff = { readonly cents: bigint; readonly titles: Set<string> }
/** By the index of the line; `covered`: the negative lines that are printed by it. */
export type Stornos = { readonly on: ReadonlyMap<number, TakenOff>; readonly covered: ReadonlySet<number> }
/** A line of which something is left. */
type Left = { readonly index: number; cents: bigint }

const NONE: Stornos = { on: new Map(), covered: new Set() }

/**
 * The pieces that a sale takes off its own lines: from those of the same article, the first one first, each at most to 0. By a
 * map of articles: a sale may have 1,000 lines.
 */
export function stornosIn({
  type,
  line_items: lines,
}: {
  readonly type: GoodsDocument['kind']
  readonly line_items: readonly Line[]
}): Stornos {
  if (type !== 'sale' || !lines.some(isTakenOff)) return NONE
  const articles = soldArticles(lines)
  const on = new Map<number, TakenOff>()
  const covered = new Set<number>()
  for (const [index, line] of lines.entries()) {
    if (isTakenOff(line) && takeOff(line, articles.get(articleKey(line)) ?? [], on)) covered.add(index)
  }
  return { on, covered }
}

function soldArticles(lines: readonly Line[]): Map<string, Left[]> {
  const articles = new Map<string, Left[]>()
  for (const [index, line] of lines.entries()) {
    const cents = toCents(line.total_amount)
    if (cents <= 0n) continue
    const key = articleKey(line)
    const left = articles.get(key) ?? []
    left.push({ index, cents })
    articles.set(key, left)
  }
  return articles
}

/** True if the sold lines had enough. */
function takeOff({ title, total_amount: total }: Line, left: Left[], on: Map<number, TakenOff>): boolean {
  let rest = -toCents(total)
  for (let [first] = left; first !== undefined && rest > 0n; [first] = left) {
    const cents = first.cents < rest ? first.cents : rest
    const before = on.get(first.index)
    const titles = before?.titles ?? new Set()
    on.set(first.index, { cents: (before?.cents ?? 0n) + cents, titles: titles.add(title) })
    first.cents -= cents
    rest -= cents
    if (first.cents === 0n) left.shift()
  }
  return rest === 0n
}

function isTakenOff(line: Line): boolean {
  const isCancelling = lineRules(line.type).inSale === 'cancelling'
  return isCancelling && !isReferenced(line) && toCents(line.total_amount) < 0n
}
