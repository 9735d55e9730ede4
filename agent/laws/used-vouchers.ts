import { setImmediate } from 'node:timers/promises'
import { parseRfc3339 } from '../../base/clock.ts'
import { formatCents } from '../../base/money.ts'
import { isSameVoucher, voucherName } from '../../base/voucher-number.ts'
import type { VoucherBeyondSale } from '../contract/hint.ts'
import type { GoodsDocument } from '../journal/documents/document.ts'
import { isGoods, isSold } from '../journal/documents/document.ts'
import { isReversed } from '../journal/documents/sold-goods.ts'
import type { SessionRow } from '../journal/projections/sessions.ts'
import type { View } from '../journal/projections/view.ts'
import type { VoucherMove } from '../register/vouchers.ts'
import { givenBackOf, takesOff, voucherMoves } from '../register/vouchers.ts'

type Reads = Pick<View, 'eventsOfVoucher' | 'voucherEvents' | 'operation'>

/** The event of an operation that took money off it, or took back what was put on it. */
type VoucherUse = { seq: number; merchant: string; number: string; document: GoodsDocument }

/** Events read before yielding to the tills. */
const PORTION = 64
const END = Number.MAX_SAFE_INTEGER

/** The vouchers that were used beyond what was put on them, by the uses in these sessions. */
export async function voucherHints(
  view: Reads & Pick<View, 'sessions'>,
  sessions: readonly SessionRow[],
  upTo: number,
): Promise<VoucherBeyondSale[]> {
  const uses = new VoucherUses()
  for (const { id, seq, register, document } of sessions) {
    const [next] = view.sessions({ merchant: document.shown.merchant_id, register }, seq, 1)
    for await (const use of voucherUses(view, seq, Math.min(next?.seq ?? END, upTo)))
      if (use.document.shown.session_id === id) uses.add(use)
  }
  return uses.hints(view)
}

/** The vouchers that these operations used beyond what was put on them: for a closing over documents of a printer. */
export async function voucherHintsBy(view: Reads, operations: Iterable<string>): Promise<VoucherBeyondSale[]> {
  const uses = new VoucherUses()
  for (const id of operations)
    for (const use of usesBy(view, 0, id)) {
      const events = view.eventsOfVoucher(use.number).filter(({ op }) => op === id)
      uses.add({ ...use, seq: events.at(-1)?.seq ?? 0 })
    }
  return uses.hints(view)
}

/** The vouchers that were used within a range, by that moment of each operation. */
export async function voucherHintsWithin(
  view: Reads,
  isWithin: (atMs: number) => boolean,
): Promise<VoucherBeyondSale[]> {
  const uses = new VoucherUses()
  for await (const use of voucherUses(view, 0, END)) {
    const { completed_at: completed, created_at: created } = use.document.shown
    if (isWithin(parseRfc3339(completed ?? created) ?? 0)) uses.add(use)
  }
  return uses.hints(view)
}

/** The last use of each voucher: a later one at another register belongs to that register. */
class VoucherUses {
  readonly #last = new Map<string, VoucherUse>()

  add(use: VoucherUse): void {
    const key = JSON.stringify([use.merchant, voucherName(use.number)])
    const { seq = 0 } = this.#last.get(key) ?? {}
    if (use.seq > seq) this.#last.set(key, use)
  }

  async hints(view: Reads): Promise<VoucherBeyondSale[]> {
    const hints: VoucherBeyondSale[] = []
    for (const { merchant, number, seq } of this.#last.values()) {
      const hint = voucherHint(view, merchant, number, seq)
      if (hint !== undefined) hints.push(hint)
      await setImmediate()
    }
    return hints
  }
}

/** The uses in events after a seq, up to another. Without training; yields to the tills between portions. */
async function* voucherUses(view: Reads, from: number, upTo: number): AsyncGenerator<VoucherUse> {
  for (let after = from, read = PORTION; read === PORTION; await setImmediate()) {
    const events = view.voucherEvents(after, upTo, PORTION)
    for (const { seq, op } of events) yield* usesBy(view, seq, op)
    read = events.length
    after = events.at(-1)?.seq ?? after
  }
}

function usesBy(view: Reads, seq: number, op: string): VoucherUse[] {
  const document = completedDocument(view, op)
  if (document === undefined || document.shown.training === true || isUndone(view, document)) return []
  const { merchant_id: merchant } = document.shown
  return movesOf(document)
    .filter(takesOff)
    .map(({ number }) => ({ seq, merchant, number, document }))
}

/**
 * The hint that more was taken off a voucher than was put on it by the events up to a seq, or that its sale was undone
 * after use. Undefined for one that was never put on here: its money is from elsewhere.
 */
function voucherHint(view: Reads, merchant: string, number: string, upTo: number): VoucherBeyondSale | undefined {
  const sum = { putOn: 0n, givenBack: 0n, takenOff: 0n }
  let isOurs = false
  const all = namings(view, merchant, number).filter(({ document }) => document.shown.training !== true)
  const undone = new Set(all.filter(({ seq }) => seq <= upTo).flatMap(({ document }) => reversedBy(document) ?? []))
  for (const { seq, document } of all) {
    const move = movesOf(document).find((one) => isSameVoucher(one.number, number))
    if (seq > upTo || move === undefined || document.kind === 'void') continue
    isOurs ||= move.putOn > 0n
    // A later reversal of a use concerns the same day; one of what was put on is a use itself.
    if (undone.has(document.id) || (move.putOn === 0n && isUndone(view, document))) continue
    sum.putOn += move.putOn
    sum.givenBack += givenBackIn(document, move, all)
    sum.takenOff += move.takenOff
  }
  const balance = sum.putOn - sum.givenBack
  // More came back than was put on: that was taken off it, too.
  const [putOn, takenOff] = balance < 0n ? [0n, sum.takenOff - balance] : [balance, sum.takenOff]
  if (!isOurs || takenOff <= putOn) return undefined
  const amounts = { put_on: formatCents(putOn), taken_off: formatCents(takenOff) }
  const message = `Voucher ${number}: ${amounts.taken_off} was taken off, ${amounts.put_on} was put on.`
  return { code: 'voucher_beyond_sale', message, gift_card_id: number, ...amounts }
}

/** The money that a return takes off its voucher: by the price at which it was sold, if the sale is known. */
function givenBackIn(
  { shown }: GoodsDocument,
  move: VoucherMove,
  all: readonly { readonly document: GoodsDocument }[],
): bigint {
  const related = 'related_operation_id' in shown ? shown.related_operation_id : undefined
  const sale = all.find(({ document }) => document.id === related)?.document
  const sold = sale && movesOf(sale).find(({ number }) => isSameVoucher(number, move.number))
  return sold === undefined ? move.givenBack : givenBackOf(sold, move)
}

/** `real`: a completed operation put money on it; `training`: only operations in training did; `unknown`: none did. */
export function originOfVoucher(view: Reads, merchant: string, number: string): 'real' | 'training' | 'unknown' {
  const putOn = namings(view, merchant, number).filter(({ document }) => putsOn(document, number))
  if (putOn.some(({ document }) => document.shown.training !== true)) return 'real'
  return putOn.length > 0 ? 'training' : 'unknown'
}

/** A reversal undoes another operation: it puts nothing on. */
function putsOn(document: GoodsDocument, number: string): boolean {
  if (document.kind === 'void') return false
  const moves = voucherMoves(document.shown, document.own.counted_statuses)
  return moves.some((move) => isSameVoucher(move.number, number) && move.putOn > 0n)
}

/** The money on a multi-purpose voucher; undefined for a number on which none was put here, or in training only. */
export function leftOnMultiPurpose(view: Reads, merchant: string, number: string): bigint | undefined {
  let left: bigint | undefined
  for (const { document } of namings(view, merchant, number)) {
    if (document.kind === 'void' || document.shown.training === true || isUndone(view, document)) continue
    const move = movesOf(document).find((one) => isSameVoucher(one.number, number))
    if (move === undefined || (left === undefined && move.putOn === 0n)) continue
    left = (left ?? 0n) + move.putOn - move.givenBack - move.takenOff
  }
  return left
}

/** The completed operations of a merchant that name a voucher, each with its first event that does. */
export function namings(view: Reads, merchant: string, number: string): { seq: number; document: GoodsDocument }[] {
  const first = new Map<string, number>()
  for (const { seq, op } of view.eventsOfVoucher(number)) if (!first.has(op)) first.set(op, seq)
  return [...first].flatMap(([op, seq]) => {
    const document = completedDocument(view, op)
    return document?.shown.merchant_id === merchant ? [{ seq, document }] : []
  })
}

function reversedBy(document: GoodsDocument): string | undefined {
  return document.kind === 'void' ? document.shown.related_operation_id : undefined
}

function isUndone(view: Reads, document: GoodsDocument): boolean {
  return isSold(document) && isReversed(view, document)
}

/** Only gift cards have hints: never more is taken off a voucher of one purpose than is left. */
function movesOf({ shown, own }: GoodsDocument): VoucherMove[] {
  return voucherMoves(shown, own.counted_statuses).filter(({ isMultiPurpose }) => isMultiPurpose)
}

function completedDocument(view: Reads, op: string): GoodsDocument | undefined {
  const document = view.operation(op)
  return document !== undefined && isGoods(document) && document.shown.status === 'completed' ? document : undefined
}
