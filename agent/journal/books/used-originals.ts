import { isGoodsKind } from '../documents/kind.ts'
import type { EventBody, Members } from '../events.ts'
import { depositUses } from './deposit-uses.ts'
import { centsText } from './findings.ts'
import { onAccountUses } from './on-account-uses.ts'
import type { OpenItem } from './open-items.ts'
import { withPicked } from './picked-members.ts'
import type { Held, Movement, Portion, UseRule } from './use-rule.ts'
import { voucherUses } from './voucher-uses.ts'

/** Members of an operation by which others use it, or it uses others. */
const NAMES = ['line_items', 'payments', 'related_operation_id', 'merchant_id', 'training'] as const

const RULES: readonly UseRule[] = [depositUses, onAccountUses, voucherUses]

/** An original of which more is used (`counted`) than it holds (`stated`). */
type UsedBeyond = { readonly original: string; readonly stated: string; readonly counted: string }

type Status = 'open' | 'completed' | 'undone'
/** The portions of an operation that count now. */
type Counted = { readonly holds: readonly Portion[]; readonly uses: readonly Portion[] }
type Known = Movement & Counted & { readonly status: Status; readonly counted: Counted }
type Sum = { readonly what: Held; holds: bigint; used: bigint }

const NOTHING: Counted = { holds: [], uses: [] }
const NO_MEMBERS: Members = {}

/**
 * Adds up what operations use of each original, from the commit that names it on. Calculated a second time: from lines and
 * payments, never from the marks of the original. Memory: open operations, originals, and those that use them.
 */
export class UsedOriginals {
  readonly #known = new Map<string, Known>()
  readonly #sums = new Map<string, Map<string, Sum>>()

  /** Takes the next event. Returns the originals of which it uses more than is left. */
  note(op: string, body: EventBody): UsedBeyond[] {
    const before = this.#known.get(op)
    const kind = before?.kind ?? body.index?.kind
    if (kind === undefined || !isGoodsKind(kind)) return []
    const after = this.#after(
      { id: op, kind, shown: withPicked(NAMES, before?.shown ?? NO_MEMBERS, body.set) },
      before,
      body,
    )
    if (after.status !== 'open' && after.holds.length === 0 && after.uses.length === 0) this.#known.delete(op)
    else this.#known.set(op, after)
    if (kind === 'void') return after.status === 'completed' ? this.#undo(after) : []
    return this.#compare(before?.counted ?? NOTHING, after.counted)
  }

  /** The originals of which something is left. */
  left(): OpenItem[] {
    return [...this.#sums].flatMap(([original, parts]) => {
      const sums = [...parts.values()]
      const left = sums.reduce((sum, { holds, used }) => sum + (holds > used ? holds - used : 0n), 0n)
      const [first] = sums
      return first === undefined || left === 0n ? [] : [{ what: first.what, name: original, left: centsText(left) }]
    })
  }

  #after(movement: Movement, before: Known | undefined, { plan, status }: EventBody): Known {
    const now = status === undefined ? (before?.status ?? 'open') : statusOf(status)
    // The goods of a completion are held from the commit that asks for it.
    const shown = plan?.goal === 'completed' ? withPicked(NAMES, movement.shown, plan.set) : movement.shown
    const asked = { ...movement, shown }
    const isReal = movement.kind !== 'void' && shown['training'] !== true
    const holds = isReal ? RULES.flatMap((rule) => rule.holds(asked)) : []
    const uses = isReal ? RULES.flatMap((rule) => rule.uses(asked, (id) => this.#known.get(id)?.uses ?? [])) : []
    return { ...movement, holds, uses, status: now, counted: this.#counted({ holds, uses }, now) }
  }

  /** An original that is not in the journal when it is named has no amount to compare with. */
  #counted({ holds, uses }: Counted, status: Status): Counted {
    if (status === 'undone') return NOTHING
    const known = uses.filter(({ original }) => this.#sums.has(original))
    // A portion that is given back may be used again when that is certain.
    return status === 'open' ? { holds: [], uses: known.filter(({ cents }) => cents > 0n) } : { holds, uses: known }
  }

  /** A completed reversal. */
  #undo({ shown }: Movement): UsedBeyond[] {
    const id = String(shown['related_operation_id'])
    const before = this.#known.get(id)
    if (before === undefined) return []
    this.#known.set(id, { ...before, status: 'undone', counted: NOTHING })
    return this.#compare(before.counted, NOTHING)
  }

  #compare(before: Counted, after: Counted): UsedBeyond[] {
    const missing = new Map<Sum, { original: string; cents: bigint }>()
    for (const portion of [...before.holds, ...before.uses, ...after.holds, ...after.uses]) {
      const sum = this.#sumOf(portion)
      missing.set(sum, { original: portion.original, cents: sum.used - sum.holds })
    }
    this.#add(before, -1n)
    this.#add(after, 1n)
    return [...missing].flatMap(([{ holds, used }, { original, cents }]) =>
      used > holds && used - holds > cents ? [{ original, stated: centsText(holds), counted: centsText(used) }] : [],
    )
  }

  #add({ holds, uses }: Counted, sign: 1n | -1n): void {
    for (const portion of holds) this.#sumOf(portion).holds += sign * portion.cents
    for (const portion of uses) this.#sumOf(portion).used += sign * portion.cents
  }

  #sumOf({ what, original, part }: Portion): Sum {
    const parts = this.#sums.get(original) ?? new Map<string, Sum>()
    const sum = parts.get(part) ?? { what, holds: 0n, used: 0n }
    parts.set(part, sum)
    this.#sums.set(original, parts)
    return sum
  }
}

function statusOf(status: string): Status {
  return status === 'open' || status === 'completed' ? status : 'undone'
}
