import { toCents } from '../../../base/money.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import { FiskalError, unprocessable } from '../../errors.ts'
import type { SoldDocument } from '../../journal/documents/document.ts'
import { originalIn } from '../../journal/documents/document.ts'
import { isReversed } from '../../journal/documents/sold-goods.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import {
  checkGivenBack,
  checkNotPaidOut,
  checkTakenOff,
  depositCents,
  depositLines,
  givesDepositBack,
  isBalanced,
  isOverdrawn,
  takesOffDeposit,
} from '../../register/deposits.ts'
import { paidOutCents } from '../../register/returned.ts'
import { refuseUndone, returnMarks, soldDocument, standingOf, unrelated } from './related-operations.ts'
import { settlementMarks } from './settlements.ts'
import { staysCompleted, useMarks, usesOf } from './uses.ts'
import { redemptionMarks } from './vouchers.ts'

type Lines = CreateGoods['line_items']
type Goods = Pick<CreateGoods, 'type' | 'line_items'>
/** A deposit that lines take off or give back; `which`: its name in a refusal, if a line names it. */
type Named = { deposit: SoldDocument; lines: Lines; which: string }

/** An operation marks each deposit in the commit that names it. */
const DEPOSITS_MAX = 100

/**
 * Throws if an operation would take more off a deposit than is left of it, or give back more than its capture took:
 * `unprocessable_entity`; for a line that names no deposit: `related_operation_invalid`. `related`: the deposit of lines
 * without their own, or the capture; `amended`: the id of the operation, if it exists.
 */
export function checkDeposits(
  view: View,
  { merchant, related, input }: { merchant: string; related: SoldDocument | undefined; input: CreateGoods },
  amended: string | undefined,
): void {
  // Training is not limited by earlier operations, and no operation by its own former goods.
  const others = (all: readonly SoldDocument[]) =>
    input.training === true ? [] : all.filter(({ id }) => id !== amended)
  if (takesOffDeposit(input)) {
    for (const { deposit, lines, which } of namedDeposits(view, merchant, related, input)) {
      const before = others(usesOf(view, deposit, 'captures')).filter(isInEffect)
      checkTakenOff(lines, linesOf(deposit), before.map(linesFor(view, deposit)), which)
    }
  } else if (givesDepositBack(input) && related !== undefined) {
    const before = others(returnsGivingBack(view, related))
    for (const { deposit, lines, which } of namedDeposits(view, merchant, related, input)) {
      const ofDeposit = linesFor(view, deposit)
      checkGivenBack(lines, ofDeposit(related), before.map(ofDeposit), which)
    }
    const returns = others(standingOf(view, related.own.returns)).map(({ shown }) => shown)
    checkNotPaidOut(input.line_items, related.shown, before.map(linesOf), paidOutCents(related.shown, returns))
  }
}

/** Throws `unprocessable_entity` for the return of a capture without goods. */
export function refuseDepositAlone(related: SoldDocument, input: CreateGoods): void {
  if (related.kind !== 'deposit_capture' || input.type !== 'return' || !takesOffDeposit(input)) return
  throw unprocessable('The return of a deposit_capture has its goods, next to the lines of the deposit.', '/line_items')
}

/** The events that an operation records on those that it refers to. */
export function originalMarks(view: View, document: SoldDocument): NewEvent[] {
  const marks = depositsOf(view, document).flatMap((original) =>
    useMarks(view, { original, list: 'captures' }, document),
  )
  return [
    ...marks,
    ...settlementMarks(view, document),
    ...redemptionMarks(view, document),
    ...returnMarks(view, document),
  ]
}

/** Throws `related_operation_invalid` for a deposit that was partly deducted: its tax would be returned twice. */
export function refuseCaptured(view: View, original: SoldDocument): void {
  const uses = usesOf(view, original, 'captures').filter(isInEffect)
  const ofDeposit = linesFor(view, original)
  const taken = uses.find(
    (use) => takesOffDeposit(use.shown) && !isBalanced([use, ...ofCapture(uses, use)].map(ofDeposit)),
  )
  if (taken !== undefined) throw unrelated(original.id, `is taken off by ${taken.id} already`)
}

/** Throws `related_operation_invalid` for a return of a capture of which a deposit is used again. */
export function refuseUsedAgain(view: View, original: SoldDocument): void {
  if (!givesDepositBack(original.shown) || original.shown.training === true) return
  for (const deposit of depositsOf(view, original)) {
    const { reversal } = deposit.own
    if (reversal.state === 'reversed')
      throw unrelated(original.id, `gave back a deposit that is reversed by ${reversal.by}`)
    const others = usesOf(view, deposit, 'captures', original.id).filter(isInEffect)
    if (!isOverdrawn([deposit, ...others].map(linesFor(view, deposit)))) continue
    const last = others.findLast(({ shown }) => takesOffDeposit(shown))
    throw unrelated(original.id, `gave back a deposit that ${last?.id} has used since`)
  }
}

/** The money of a completed deposit that is not used, by an open operation either. 0 for a reversed one. */
export function leftOfDeposit(view: View, deposit: SoldDocument): bigint {
  if (isReversed(view, deposit)) return 0n
  const uses = usesOf(view, deposit, 'captures').filter(isInEffect)
  return [deposit, ...uses].reduce((sum, one) => sum + depositCents(linesFor(view, deposit)(one)), 0n)
}

/** The deposits that an operation takes off, or that the return of a capture makes valid again. */
export function depositsOf(view: View, document: SoldDocument): SoldDocument[] {
  return depositsIn(view, document.shown, originalIn(document))
}

/** The same of a request; `original`: the operation that it refers to as a whole. */
export function depositsIn(view: View, goods: Goods, original: string | undefined): SoldDocument[] {
  if (!takesOffDeposit(goods) && !givesDepositBack(goods)) return []
  const ids = depositLines(goods.line_items, depositOfRest(view, goods, original)).keys()
  return [...ids].flatMap((id) => soldDocument(view, id ?? '') ?? [])
}

/** The deposits of a capture, if its return pays out more than the capture came to. */
export function paidOutDeposits(view: View, capture: SoldDocument, input: CreateGoods): SoldDocument[] {
  const isMore = -toCents(input.total_amount) > toCents(capture.shown.total_amount)
  return capture.kind === 'deposit_capture' && input.type === 'return' && isMore ? depositsOf(view, capture) : []
}

/** Throws for the first line that names no deposit of the merchant, or none that a return could be of. */
function namedDeposits(view: View, merchant: string, related: SoldDocument | undefined, input: CreateGoods): Named[] {
  const { line_items: all } = input
  const groups = depositLines(all, depositOfRest(view, input, related?.id))
  if (groups.size > DEPOSITS_MAX)
    throw new FiskalError(
      'unprocessable_entity',
      `The lines name ${groups.size} deposits, at most ${DEPOSITS_MAX} are taken.`,
      {
        pointer: '/line_items',
        limit: DEPOSITS_MAX,
      },
    )
  return [...groups].map(([id, lines]) => {
    const index = all.findIndex((line) => lines.includes(line))
    const pointer = `/line_items/${index}/related_operation_id`
    if (id === undefined)
      throw unprocessable(
        `Line ${index} names no deposit: the capture took several. Send its related_operation_id.`,
        pointer,
      )
    const deposit = soldDocument(view, id)
    const isOurs = deposit?.shown.status === 'completed' && deposit.shown.merchant_id === merchant
    if (deposit === undefined || !isOurs || deposit.kind !== 'deposit')
      throw new FiskalError(
        'related_operation_invalid',
        `${id} of line ${index} is not a completed deposit of this merchant.`,
        { pointer, related_operation_id: id, line_index: index },
      )
    if (id !== related?.id && takesOffDeposit(input)) refuseUndone(deposit, input)
    const isNamed = lines.some((line) => line.related_operation_id !== undefined)
    return { deposit, lines, which: isNamed ? ` ${id}` : '' }
  })
}

/** The deposit of lines without their own; undefined for the return of a capture of several. */
function depositOfRest(view: View, goods: Goods, original: string | undefined): string | undefined {
  if (!givesDepositBack(goods)) return original
  const capture = soldDocument(view, original ?? '')
  const [only, second] = capture === undefined ? [] : depositsOf(view, capture)
  return second === undefined ? only?.id : undefined
}

/** The lines of an operation that take this deposit off or give it back; all those of the deposit itself. */
function linesFor(view: View, deposit: SoldDocument): (use: SoldDocument) => Lines {
  return (use) => {
    if (use.id === deposit.id) return linesOf(use)
    const rest = depositOfRest(view, use.shown, originalIn(use))
    return depositLines(use.shown.line_items, rest).get(deposit.id) ?? []
  }
}

function isInEffect(use: SoldDocument): boolean {
  return !givesDepositBack(use.shown) || staysCompleted(use)
}

/** The returns of a capture that give some of its deposits back. */
function returnsGivingBack(view: View, capture: SoldDocument): SoldDocument[] {
  const uses = depositsOf(view, capture).flatMap((deposit) => usesOf(view, deposit, 'captures'))
  return [...new Map(ofCapture(uses, capture).map((use) => [use.id, use])).values()]
}

function ofCapture(uses: readonly SoldDocument[], { id }: SoldDocument): SoldDocument[] {
  return uses.filter((use) => givesDepositBack(use.shown) && originalIn(use) === id)
}

function linesOf({ shown }: SoldDocument): Lines {
  return shown.line_items
}
