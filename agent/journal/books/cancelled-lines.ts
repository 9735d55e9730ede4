import {
  absolute,
  divideRounded,
  formatAtoms,
  formatCents,
  SQUARE_ATOMS_PER_CENT,
  toAtoms,
  toCents,
  withoutZeros,
} from '../../../base/money.ts'
import { isOperationKind } from '../documents/kind.ts'
import type { EventBody, Members } from '../events.ts'
import { shortList } from './findings.ts'

/** The members of a line, or of a cancelled one, that are compared. */
type Line = {
  readonly type?: string
  readonly sku_identifier: string
  readonly title: string
  readonly quantity: number | string
  readonly unit_price: string
  readonly total_amount: string
  readonly agency_id?: number
  readonly taxes: readonly { readonly rate: string; readonly code?: string }[]
}
type Goods = { readonly lines: readonly Line[]; readonly cancelled: readonly Line[] }
/** The pieces of an article at its price. `isFree`: one of its lines is 0.00, which has no direction. */
type Article = { readonly line: Line; atoms: bigint; isFree: boolean }
/** The cancelled lines that an event adds, and those that its goods give. */
type CancelledDifference = { readonly stated: string; readonly counted: string }

/**
 * Compares the lines that each amendment or completion says were taken away with its goods before and after it,
 * calculated a second time. Memory: the goods of open operations.
 */
export class CancelledLines {
  readonly #open = new Map<string, Goods>()

  /** Takes the next event. Returns a difference, if it has one. */
  note(operation: string, { index, set = {}, status = 'open', facts }: EventBody): CancelledDifference | undefined {
    const before = this.#open.get(operation)
    const isBegin = index !== undefined && isOperationKind(index.kind)
    if (!isBegin && before === undefined) return undefined
    const after = goodsAfter(before, set)
    if (status === 'open') this.#open.set(operation, after)
    else this.#open.delete(operation)
    // A person who ends a half printed operation leaves out what was never printed: no till took that away.
    const isEndedByHand = facts !== undefined && status !== 'open'
    return before === undefined || before === after || isEndedByHand ? undefined : differenceOf(before, after)
  }
}

function goodsAfter(before: Goods = { lines: [], cancelled: [] }, set: Members): Goods {
  const { line_items: lines, cancelled_line_items: cancelled } = set
  if (lines === undefined && cancelled === undefined) return before
  return {
    lines: lines === undefined ? before.lines : (lines as unknown as readonly Line[]),
    cancelled: cancelled === undefined ? before.cancelled : (cancelled as unknown as readonly Line[]),
  }
}

/** The cancelled lines of earlier events stay; those of this one are what the goods have less. */
function differenceOf(before: Goods, after: Goods): CancelledDifference | undefined {
  const earlier = before.cancelled.length
  const isKept = textOf(after.cancelled.slice(0, earlier)) === textOf(before.cancelled)
  const added = after.cancelled.slice(earlier)
  const [former, present] = [articlesOf(before.lines), articlesOf(after.lines)]
  const isCompared = (key: string): boolean => former.get(key)?.isFree !== true && present.get(key)?.isFree !== true
  const taken = [...former].flatMap(([key, { line, atoms }]): Line[] => {
    const left = present.get(key)?.atoms ?? 0n
    const isLess = absolute(left) < absolute(atoms) || left * atoms < 0n
    return isLess && isCompared(key) ? [cancelledLine(line, atoms - left)] : []
  })
  const stated = textOf(added.filter((line) => isCompared(keyOf(line))))
  const counted = textOf(taken)
  if (isKept && stated === counted) return undefined
  return { stated: shown(after.cancelled), counted: shown([...before.cancelled, ...taken]) }
}

function articlesOf(lines: readonly Line[]): Map<string, Article> {
  const articles = new Map<string, Article>()
  for (const line of lines) {
    const key = keyOf(line)
    const article = articles.get(key) ?? { line, atoms: 0n, isFree: false }
    articles.set(key, article)
    const [total, price] = [toAtoms(line.total_amount), toAtoms(line.unit_price)]
    const pieces = absolute(toAtoms(String(line.quantity)))
    // Quantity and price of a till may have any signs: the total has the direction.
    article.atoms += total < 0n === price < 0n ? pieces : -pieces
    article.isFree ||= total === 0n
  }
  return articles
}

function keyOf({ type = 'item', sku_identifier: sku, title, unit_price: price, agency_id, taxes }: Line): string {
  const rates = taxes.map(({ rate, code = null }) => [String(toAtoms(rate)), code])
  return JSON.stringify([type, sku, title, String(toAtoms(price)), rates, agency_id ?? 0])
}

function cancelledLine(line: Line, atoms: bigint): Line {
  const cents = divideRounded(atoms * toAtoms(line.unit_price), SQUARE_ATOMS_PER_CENT)
  return { ...line, quantity: withoutZeros(formatAtoms(atoms)), total_amount: formatCents(cents) }
}

/** For the comparison: time and operator are facts of the till. */
function textOf(lines: readonly Line[]): string {
  const texts = lines.map((line) => `${keyOf(line)} ${toAtoms(String(line.quantity))} ${toCents(line.total_amount)}`)
  return texts.sort().join('\n')
}

function shown(lines: readonly Line[]): string {
  return shortList(lines.map(({ quantity, title, unit_price: price }) => `${quantity} × ${title} ${price}`))
}
