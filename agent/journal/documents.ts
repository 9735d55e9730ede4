import type { SaleOperation } from '../contract/operation.ts'
import type { Register } from '../contract/register.ts'
import type { Document, DocumentOf, OperationDocument, SoldDocument } from './documents/document.ts'
import { isRecorded, registerIdIn } from './documents/kinds.ts'

/** One that was bound to its device under a law: it may sell, or could once. */
export type BoundRegister = Register & {
  fiscalization: NonNullable<Register['fiscalization']>
}

export function isFiscalized(register: Register): register is BoundRegister {
  return register.fiscalization_status === 'fiscalized'
}

/** A fiscalized register, or one whose fiscalization has begun: it needs its device. */
export function isUnderLaw({ fiscalization_status: status }: Pick<Register, 'fiscalization_status'>): boolean {
  return status === 'fiscalized' || status === 'pending'
}

type Amounts = Pick<SaleOperation, 'pretax_amount' | 'tax_amount' | 'tip_amount' | 'total_amount'>
type Goods = Amounts &
  Pick<SaleOperation, 'line_items' | 'cart_level_discounts' | 'payments' | 'customer' | 'training' | 'void_reason'>

/** Reads documents: the view of a commit, or that of the journal. */
type RegisterReader = { register(id: string): DocumentOf<'register'> | undefined }

/** True for a register that was taken out of service. */
export function isDecommissioned(view: RegisterReader, id: string): boolean {
  return view.register(id)?.shown.fiscalization_status === 'decommissioned'
}

/** More than any shop has. */
const REGISTERS_MAX = 10_000
type Lister = RegisterReader & {
  resources(type: 'register', filter: { merchant?: string | undefined }, after: number, limit: number): { id: string }[]
}

/** The registers of a merchant, or of all, in the order in which they were made. */
export function allRegisters(view: Lister, merchant?: string): Register[] {
  return registerIds(view, merchant).flatMap((id) => view.register(id)?.shown ?? [])
}

/** For callers that need few of the documents: with some hundreds, each has to be read. */
export function registerIds(view: Pick<Lister, 'resources'>, merchant?: string): string[] {
  return view.resources('register', { merchant }, 0, REGISTERS_MAX).map(({ id }) => id)
}

/** The register of a document, which may be itself one. */
export function registerIdOf(view: { document(id: string): Document | undefined }, id: string): string {
  const document = view.document(id)
  return document !== undefined && isRecorded(document) ? registerIdIn(document) : id
}

/** True if a completed reversal undoes it: one that its device has not recorded yet may still be refused. */
export function isReversed(
  view: { operation(id: string): OperationDocument | undefined },
  { own: { reversal } }: SoldDocument,
): boolean {
  return reversal.state === 'reversed' && view.operation(reversal.by)?.shown.status === 'completed'
}

type Paid = { [Name in keyof Goods]: Goods[Name] | undefined }

/** Goods with their payments; an open operation has no payments yet. */
export function soldGoods({
  line_items = [],
  cart_level_discounts,
  payments = [],
  pretax_amount = '0',
  tax_amount = '0',
  tip_amount = '0',
  total_amount = '0',
}: Partial<Paid>) {
  const discounts = cart_level_discounts !== undefined && { cart_level_discounts }
  return { line_items, ...discounts, payments, pretax_amount, tax_amount, tip_amount, total_amount }
}
