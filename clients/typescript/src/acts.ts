import type {
  AmendOperationDto,
  CompleteOperationDto,
  CreateLineItemDto,
  CreateOperationDto,
  CreatePaymentDto,
  CreateSaleOperationDto,
} from './contract.ts'
import type { Goods } from './goods.ts'
import { goods } from './goods.ts'

/** The client adds them up, unless the caller sends the contract's own members (`line_items`, `total_amount` …). */
type WithLines = { readonly lines?: readonly CreateLineItemDto[] }
/** Filled in by the client. */
type FilledIn = 'register_id' | 'currency' | 'source'
/** For each type of a union alone. */
type WithoutFilledIn<Dto> = Dto extends unknown ? Partial<Pick<Dto, FilledIn & keyof Dto>> & Omit<Dto, FilledIn> : never
type LinesInstead<Dto> = Dto extends { line_items: unknown }
  ? Dto | (Omit<Dto, keyof Goods<never>> & WithLines & { tip_amount?: string })
  : Dto

export type Basket = Partial<Omit<CreateSaleOperationDto, 'type' | FilledIn>> & WithLines
export type Sale = Basket & { readonly payments: readonly CreatePaymentDto[] } & Pick<CompleteOperationDto, 'issued_as'>
/** `{}` ends an order, a transfer or an employee benefit. */
export type Ending = CompleteOperationDto & WithLines
export type Amendment = (AmendOperationDto | Omit<AmendOperationDto, 'line_items'>) & WithLines
/** A body of `POST /v1/operations`. */
export type Act = LinesInstead<WithoutFilledIn<CreateOperationDto>>

/** Types that are sold by a register, or online. */
const WITH_SOURCE: readonly string[] = ['sale', 'return', 'exchange', 'deposit', 'deposit_capture']

export function createBody(act: Act, registerId: string): CreateOperationDto {
  const source = WITH_SOURCE.includes(act.type) && { source: 'POS' as const }
  return { register_id: registerId, currency: 'EUR', ...source, ...withGoods(act) } as CreateOperationDto
}

/** Without lines a basket begins empty. */
export function saleOf(basket: Basket): Act {
  const { lines = basket.line_items === undefined ? [] : undefined, ...members } = basket
  return { type: 'sale', ...members, ...(lines && { lines }) } as Act
}

/** With `lines`, the goods and their amounts. */
export function withGoods<Given extends object>(given: Given): Omit<Given, 'lines'> {
  refuseRef(given)
  const { lines, ...members } = given as Given & WithLines & { readonly tip_amount?: string }
  return { ...members, ...(lines && goods(lines, members.tip_amount)) }
}

/** A key of the till's own would swallow the basket that has the same one later. */
function refuseRef(given: object): void {
  if ('ref' in given) throw new TypeError('The client makes ref: pass your own number as external_id')
}
