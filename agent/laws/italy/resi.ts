import { formatCents, toAtoms, toCents } from '../../../base/money.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import { FiskalError } from '../../errors.ts'
import type { DocumentOf, GoodsDocument, OperationDocument } from '../../journal/documents/document.ts'
import { originalIn } from '../../journal/documents/document.ts'
import { depositLines } from '../../register/deposits.ts'
import { isBack } from '../../register/direction.ts'
import { isDeposit } from '../../register/line-types.ts'
import { isRedeemed } from '../../register/single-purpose-vouchers.ts'
import type { LineSettings } from './lines.ts'
import { keyOf, tipKeyOf } from './lines.ts'
import { returnedOf } from './original.ts'
import type { TakingBack, TwoSided } from './sides.ts'
import { isOnReso, originOfReso, twoSided } from './sides.ts'
import type { Reso } from './state.ts'
import { printOf, stateOf } from './state.ts'

type Line = CreateGoods['line_items'][number]
type Settings = LineSettings & { operationOf: (id: string) => OperationDocument | undefined }
/** A return, or the request for one. */
export type Returning = {
  id?: string
  related_operation_id?: string | undefined
  line_items: readonly Line[]
  tip_amount: string
}
/** An operation whose document came to less than its goods. */
type Lowered = DocumentOf<'deposit_capture' | 'sale'>
/** An operation with a reso. */
type Other = DocumentOf<'return'> | TwoSided
/** Amounts by rate or natura, in cents. */
type Sums = Map<string, bigint>
/** The amounts left of the document of an operation. */
type Left = { operation: string; sums: Sums; total: bigint }
/** Amounts that come back, by line; the tip is the last one. */
type Wanted = { key: string; cents: bigint }[]

/**
 * The resi of a return of a `deposit_capture`. Its document came to the goods less the deposits, which limits its
 * resi: the rest is returned on the documents of the deposits, which have its VAT, the oldest first. So is the document of a
 * sale lower by its vouchers: the rest makes them valid again. A return of deposits that its lines name has one on the
 * document of each. Undefined for any other return. Throws `related_operation_invalid` if the documents have less left.
 */
export function planResi(returning: Returning, settings: Settings): Reso[] | undefined {
  if (namesDeposits(returning)) return resiOfDeposits(returning)
  const lowered = loweredOf(returning, settings)
  if (lowered === undefined) return undefined
  const wanted = wantedBy(returning, settings)
  const documents = leftFor(returning, lowered, settings)
  const resi: Reso[] = []
  for (const remainder of documents) {
    const cents = wanted.map((amount) => Number(takeFrom(remainder, amount)))
    if (cents.some((amount) => amount > 0))
      resi.push({ operation: remainder.operation, lines: cents.slice(0, -1), tip: cents.at(-1) ?? 0 })
  }
  refuseRest(wanted, documents, lowered)
  return resi
}

/** Throws `related_operation_invalid` for an exchange or a sale of which more comes back than one reso can have. */
export function refuseSeveralResi(goods: TakingBack, settings: Settings): void {
  const { type, line_items: lines, tip_amount: tip } = goods
  const { related_operation_id: id } = originOfReso(goods)
  const back = lines.filter((line) => isOnReso(line, goods))
  const returning = { related_operation_id: id, line_items: back, tip_amount: toCents(tip) < 0n ? tip : '0' }
  const resi = planResi(returning, settings) ?? []
  if (resi.some(({ operation }) => operation !== id))
    throw invalid(
      `More comes back than the document of ${id} has left, and ${type === 'sale' ? 'a sale' : 'an exchange'} has one reso. Record a return, and a sale.`,
    )
}

/** The planned resi of a return whose printing has begun, otherwise a new plan. */
export function resiOf(document: DocumentOf<'return'>, settings: Settings): readonly Reso[] | undefined {
  const { printed, baseline } = printOf(document)
  const { resi } = stateOf(document).facts
  if (resi !== undefined && (printed.length > 0 || baseline !== undefined)) return resi
  return planResi({ ...document.shown, id: document.id }, settings)
}

/** True for a return without an amount: free goods, or goods that a deposit had paid and that make it valid again. */
export function returnsNothing({ shown }: DocumentOf<'return'>): boolean {
  const sums = new Map<string, bigint>()
  for (const { taxes, total_amount: total } of shown.line_items)
    add(sums, `${taxes[0]?.rate === undefined ? '' : toAtoms(taxes[0].rate)} ${taxes[0]?.code ?? ''}`, toCents(total))
  return toCents(shown.tip_amount) === 0n && [...sums.values()].every((cents) => cents === 0n)
}

/** True for a return of deposits of which a line names its own. */
function namesDeposits({ line_items: lines }: Returning): boolean {
  return lines.every(isDeposit) && lines.some((line) => line.related_operation_id !== undefined)
}

/** The deposits that a return of deposits names, in the order of its lines. */
export function returnedDeposits({ line_items: lines, related_operation_id: rest }: Returning): string[] {
  return [...depositLines(lines, rest).keys()].flatMap((id) => id ?? [])
}

function resiOfDeposits(returning: Returning): Reso[] {
  const { line_items: lines, related_operation_id: rest, tip_amount: tip } = returning
  return returnedDeposits(returning).map((operation, index) => ({
    operation,
    lines: lines.map((line) =>
      (line.related_operation_id ?? rest) === operation ? Number(-toCents(line.total_amount)) : 0,
    ),
    tip: index === 0 ? Number(-toCents(tip)) : 0,
  }))
}

/** A capture, or a sale in which a voucher was redeemed: its document came to less than its goods. */
function loweredOf({ related_operation_id: id }: Returning, { operationOf }: Settings): Lowered | undefined {
  const operation = id === undefined ? undefined : operationOf(id)
  const isLowered =
    operation?.kind === 'deposit_capture' || (operation?.kind === 'sale' && operation.shown.line_items.some(isRedeemed))
  if (!isLowered) return undefined
  const original = returnedOf(operation.shown)
  // Without a document in a printer's memory nothing limits the return.
  return original === undefined || 'evidence' in original ? undefined : operation
}

/** The goods that come back, less the deposit or voucher that is valid again: at the same rate, the first line first. */
function wantedBy({ line_items: lines, tip_amount: tip }: Returning, settings: Settings): Wanted {
  const isGoods = lines.map((line) => isBack(line, { type: 'return' }))
  const wanted = lines.map((line, index) => ({
    key: keyOf(line, settings),
    cents: isGoods[index] ? -toCents(line.total_amount) : 0n,
  }))
  for (const [index, line] of lines.entries()) {
    if (isGoods[index]) continue
    const rest = reduce(wanted, keyOf(line, settings), toCents(line.total_amount))
    if (rest > 0n)
      throw invalid(
        `${formatCents(rest)} of the ${isDeposit(line) ? 'deposit' : 'voucher'} is at a rate or natura (${keyOf(line, settings)}) of which fewer goods come back: a reso has no negative lines. ${elsewhere(isDeposit(line))}`,
      )
  }
  return [...wanted, { key: tipKeyOf(settings), cents: -toCents(tip) }]
}

/** Reduces the amounts of a rate, each at most to 0; returns what they lack. */
function reduce(wanted: Wanted, key: string, cents: bigint): bigint {
  let rest = cents
  for (const amount of wanted) {
    if (amount.key !== key || rest === 0n) continue
    const taken = least(rest, amount.cents)
    amount.cents -= taken
    rest -= taken
  }
  return rest
}

/** The documents of the sale or capture, and of its deposits, less their other returns. */
function leftFor(returning: Returning, lowered: Lowered, settings: Settings): Left[] {
  const others = othersOf(returning, lowered, settings)
  const { line_items: lines, tip_amount } = lowered.shown
  const captured = lines.filter((line) => !isOnReso(line, { type: lowered.kind }))
  const rest = originalIn(lowered)
  const deposits = oldestFirst([...depositLines(captured, rest).keys()], settings)
  const left = new Map<string, Sums>([lowered.id, ...deposits].map((id) => [id, new Map()]))
  left.set(lowered.id, sumsOf({ line_items: captured, tip_amount }, settings))
  // Taken off by the capture, or valid again by a return: without a reference, the only one that it took.
  addDeposits(left, captured, rest, settings)
  const [only] = deposits
  for (const { line_items: lines } of [returning, ...others.map(({ shown }) => shown)])
    addDeposits(left, lines, only, settings)
  for (const { operation, sums } of others.flatMap((other) => takenBy(other, lowered.id, settings))) {
    for (const [key, cents] of sums) add(left.get(operation) ?? new Map(), key, -cents)
  }
  return [...left].map(([operation, sums]) => ({ operation, sums, total: totalOf(sums) }))
}

function oldestFirst(ids: readonly (string | undefined)[], { operationOf }: Settings): string[] {
  const timeOf = (id: string): string => operationOf(id)?.shown.completed_at ?? ''
  const known = ids.flatMap((id) => id ?? [])
  return known.sort((one, other) => (timeOf(one) < timeOf(other) ? -1 : Number(timeOf(one) > timeOf(other))))
}

function addDeposits(
  left: ReadonlyMap<string, Sums>,
  lines: readonly Line[],
  rest: string | undefined,
  settings: Settings,
): void {
  for (const line of lines.filter(isDeposit)) {
    const sums = left.get(line.related_operation_id ?? rest ?? '')
    if (sums !== undefined) add(sums, keyOf(line, settings), -toCents(line.total_amount))
  }
}

/** Other operations with a reso of the sale or capture that is printed, or whose printing has begun. */
function othersOf({ id }: Returning, lowered: Lowered, { operationOf }: Settings): Other[] {
  return lowered.own.returns.flatMap((one) => {
    const document = operationOf(one)
    const other = document?.kind === 'return' ? document : document && twoSided(document)
    if (other === undefined || other.id === id) return []
    const { printed, baseline, closure } = printOf(other)
    const hasBegun = printed.length > 0 || baseline !== undefined || closure === 'due'
    const isPrinted = other.shown.status === 'completed' || hasBegun
    return isPrinted && other.shown.status !== 'voided' ? [other] : []
  })
}

/** The amounts that another return has taken from each document; a return without planned resi took from its original. */
function takenBy(other: Other, original: string, settings: Settings): { operation: string; sums: Sums }[] {
  const { resi } = stateOf(other).facts
  const { line_items: lines, tip_amount: tip } = other.shown
  if (resi === undefined) {
    const back = other.kind === 'return' ? lines : lines.filter((line) => isOnReso(line, { type: other.kind }))
    const comesBack = { line_items: back, tip_amount: toCents(tip) < 0n ? tip : '0' }
    return [{ operation: original, sums: negative(sumsOf(comesBack, settings)) }]
  }
  return resi.map(({ operation, lines: amounts, tip: tipCents }) => {
    const sums: Sums = new Map()
    for (const [index, line] of lines.entries()) add(sums, keyOf(line, settings), BigInt(amounts[index] ?? 0))
    add(sums, tipKeyOf(settings), BigInt(tipCents))
    return { operation, sums }
  })
}

/** Signed amounts of lines and tip. */
function sumsOf(
  { line_items: lines, tip_amount: tip }: Pick<GoodsDocument['shown'], 'line_items' | 'tip_amount'>,
  settings: Settings,
): Sums {
  const sums: Sums = new Map()
  for (const line of lines) add(sums, keyOf(line, settings), toCents(line.total_amount))
  add(sums, tipKeyOf(settings), toCents(tip))
  return sums
}

function takeFrom(remainder: Left, amount: Wanted[number]): bigint {
  const taken = least(least(amount.cents, remainder.sums.get(amount.key) ?? 0n), remainder.total)
  if (taken <= 0n) return 0n
  amount.cents -= taken
  add(remainder.sums, amount.key, -taken)
  remainder.total -= taken
  return taken
}

function elsewhere(isOfDeposit: boolean): string {
  return isOfDeposit
    ? "Return the deposit's part on other evidence (ND)."
    : 'Give its voucher back: a positive line of type single_purpose_voucher.'
}

function refuseRest(wanted: Wanted, documents: readonly Left[], { id, kind }: Lowered): void {
  const rest = wanted.find(({ cents }) => cents > 0n)
  if (rest === undefined) return
  const amount = formatCents(rest.cents)
  if (kind === 'sale')
    throw invalid(
      `${amount} at ${rest.key} is beyond the document of ${id}, which a voucher had lowered. ${elsewhere(false)}`,
    )
  const [, ...deposits] = documents
  const isOfDeposit = deposits.some(({ sums }) => sums.has(rest.key))
  const [its, has] = deposits.length > 1 ? ['its deposits', 'have'] : ['its deposit', 'has']
  throw invalid(
    isOfDeposit
      ? `The documents of ${id} and of ${its} have nothing left for ${amount} at ${rest.key}.`
      : `${amount} at ${rest.key} is beyond the document of ${id}, and ${its} ${has} another rate. ${elsewhere(true)}`,
  )
}

function invalid(message: string): FiskalError {
  return new FiskalError('related_operation_invalid', message, {})
}

function add(sums: Sums, key: string, cents: bigint): void {
  if (cents !== 0n) sums.set(key, (sums.get(key) ?? 0n) + cents)
}

function negative(sums: Sums): Sums {
  return new Map([...sums].map(([key, cents]) => [key, -cents]))
}

function totalOf(sums: Sums): bigint {
  return [...sums.values()].reduce((total, cents) => total + cents, 0n)
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}
