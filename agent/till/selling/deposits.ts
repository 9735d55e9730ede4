import { toCents } from '../../../base/money.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import { FiskalError } from '../../errors.ts'
import type { SoldDocument } from '../../journal/documents/document.ts'
import { originalIn } from '../../journal/documents/document.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import {
  checkGivenBack,
  checkNotPaidOut,
  checkTakenOff,
  givesDepositBack,
  isBalanced,
  isOverdrawn,
  takesOffDeposit,
} from '../../register/deposits.ts'
import { paidOutCents } from '../../register/returned.ts'
import { settlementMarks } from './claims.ts'
import { returnMarks, soldDocument, standingOf, unrelated } from './related-operations.ts'
import { useMarks, usesOf } from './uses.ts'

type Lines = CreateGoods['line_items']

/**
 * Throws if an operation would take more off a deposit than is left of it, or give back more than its capture took:
 * `unprocessable_entity`. `related`: the deposit or the capture; `amended`: the id of the operation, if it exists.
 */
export function checkDeposit(view: View, related: SoldDocument, input: CreateGoods, amended: string | undefined): void {
  // Training is not limited by earlier operations, and no operation by its own former goods.
  const isTraining = input.training === true
  const others = (all: readonly SoldDocument[]) => (isTraining ? [] : all.filter(({ id }) => id !== amended))
  if (takesOffDeposit(input)) {
    const before = others(usesOf(view, related, 'captures')).filter(isInEffect)
    checkTakenOff(input.line_items, linesOf(related), before.map(linesOf))
  } else if (givesDepositBack(input)) {
    const before = others(returnsGivingBack(view, related))
    checkGivenBack(input.line_items, linesOf(related), before.map(linesOf))
    const returns = others(standingOf(view, related.own.returns))
    const paidOut = paidOutCents(
      related.shown,
      returns.map(({ shown }) => shown),
    )
    checkNotPaidOut(input.line_items, related.shown, before.map(linesOf), paidOut)
  }
}

/** Throws `unprocessable_entity` for the return of a capture without goods. */
export function refuseDepositAlone(related: SoldDocument, input: CreateGoods): void {
  if (related.kind !== 'deposit_capture' || input.type !== 'return' || !takesOffDeposit(input)) return
  const message = 'The return of a deposit_capture has its goods, next to the lines of the deposit.'
  throw new FiskalError('unprocessable_entity', message, { pointer: '/line_items' })
}

/** The events that an operation records on those that it refers to. */
export function originalMarks(view: View, document: SoldDocument): NewEvent[] {
  const deposit = depositOf(view, document)
  const marks = deposit === undefined ? [] : useMarks(view, { original: deposit, list: 'captures' }, document)
  return [...marks, ...settlementMarks(view, document), ...returnMarks(view, document)]
}

/** Throws `related_operation_invalid` for a deposit that was partly deducted: its tax would be returned twice. */
export function refuseCaptured(view: View, original: SoldDocument): void {
  const uses = usesOf(view, original, 'captures').filter(isInEffect)
  const taken = uses.find(
    (use) => takesOffDeposit(use.shown) && !isBalanced([use, ...ofCapture(uses, use)].map(linesOf)),
  )
  if (taken !== undefined) throw unrelated(original.id, `is taken off by ${taken.id} already`)
}

/** Throws `related_operation_invalid` for a return of a capture whose deposit is used again. */
export function refuseUsedAgain(view: View, original: SoldDocument): void {
  if (!givesDepositBack(original.shown) || original.shown.training === true) return
  const deposit = depositOf(view, original)
  if (deposit === undefined) return
  const { reversal } = deposit.own
  if (reversal.state === 'reversed')
    throw unrelated(original.id, `gave back a deposit that is reversed by ${reversal.by}`)
  const others = usesOf(view, deposit, 'captures').filter((use) => use.id !== original.id && isInEffect(use))
  if (!isOverdrawn([deposit, ...others].map(linesOf))) return
  const last = others.findLast(({ shown }) => takesOffDeposit(shown))
  throw unrelated(original.id, `gave back a deposit that ${last?.id} has used since`)
}

/** The deposit of a capture or of a return, also of the return of a capture. */
function depositOf(view: View, document: SoldDocument): SoldDocument | undefined {
  const related = soldDocument(view, originalIn(document) ?? '')
  if (takesOffDeposit(document.shown)) return related
  return related !== undefined && givesDepositBack(document.shown) ? depositOf(view, related) : undefined
}

/** The deposit of a capture, if its return pays out more than the capture came to. */
export function paidOutDeposit(view: View, capture: SoldDocument, input: CreateGoods): SoldDocument | undefined {
  const isMore = -toCents(input.total_amount) > toCents(capture.shown.total_amount)
  return capture.kind === 'deposit_capture' && input.type === 'return' && isMore ? depositOf(view, capture) : undefined
}

/**
 * False for a return that gives some of the deposit back while it is open, or while its void waits for a device: only
 * when it is completed and stays so the deposit is free again.
 */
function isInEffect({ shown, own }: SoldDocument): boolean {
  return !givesDepositBack(shown) || (shown.status === 'completed' && own.reversal.state !== 'reversed')
}

/** The returns of a capture that give some of its deposit back. */
function returnsGivingBack(view: View, capture: SoldDocument): SoldDocument[] {
  const deposit = depositOf(view, capture)
  return deposit === undefined ? [] : ofCapture(usesOf(view, deposit, 'captures'), capture)
}

function ofCapture(uses: readonly SoldDocument[], { id }: SoldDocument): SoldDocument[] {
  return uses.filter((use) => givesDepositBack(use.shown) && originalIn(use) === id)
}

function linesOf({ shown }: SoldDocument): Lines {
  return shown.line_items
}
