import type { LineType } from '../contract/goods.ts'

/** The rules of one type of line in every shop. Each law answers how it is signed, booked and printed. */
type LineRules = {
  /**
   * Its total in a sale, if that is not 0. `cancelling`: below 0 only if it takes off other lines of the sale, or names the
   * operation that its goods come from; `redeemed`: below 0 it is taken off goods of its rate; `absent`: a sale has no such
   * line.
   */
  readonly inSale: 'positive' | 'cancelling' | 'any' | 'redeemed' | 'absent'
  /** A `deposit` was paid in advance: a capture takes it off, so it comes back where goods are supplied. */
  readonly part: 'goods' | 'deposit'
  /** Which lines bear a discount of the cart: those of the first rank that the cart has; `never`: none of them. */
  readonly discountRank: 'first' | 'second' | 'last' | 'never'
  /** False: money for later turnover. Its rate is 0 without a reason; the goods that it pays are taxed. */
  readonly isTurnover: boolean
  /** True if it may be ordered, and billed without a payment. */
  readonly inOrder: boolean
  /**
   * The kind of the voucher `gift_card_id` that it sells: `multi_purpose` is taxed by the goods that it pays, `single_purpose`
   * when it is sold (§ 3 (14) and (15) UStG).
   */
  readonly voucher: 'none' | 'multi_purpose' | 'single_purpose'
  /** True for what is supplied for its own sake: a tip to the owner is turnover of these lines. */
  readonly isArticle: boolean
  /** True if it comes back without the sale that it is from. */
  readonly comesBackAlone: boolean
  /** True if it may be sold in the name of an agency. */
  readonly forAgency: boolean
  /** True if it settles a claim: the goods were supplied, and taxed, before. */
  readonly isSettlement: boolean
  /** True if it is given away: it has a price, and its total is 0.00. */
  readonly isGift: boolean
}

export const DEFAULT_LINE_TYPE = 'item' satisfies LineType

const RULES: { readonly [Type in LineType]: LineRules } = {
  item: {
    inSale: 'cancelling',
    part: 'goods',
    discountRank: 'first',
    isTurnover: true,
    inOrder: true,
    voucher: 'none',
    isArticle: true,
    comesBackAlone: false,
    forAgency: true,
    isSettlement: false,
    isGift: false,
  },
  gift_card: {
    inSale: 'positive',
    part: 'goods',
    discountRank: 'last',
    isTurnover: false,
    inOrder: false,
    voucher: 'multi_purpose',
    isArticle: false,
    comesBackAlone: false,
    forAgency: true,
    isSettlement: false,
    isGift: false,
  },
  container_deposit: {
    inSale: 'any',
    part: 'goods',
    discountRank: 'second',
    isTurnover: true,
    inOrder: true,
    voucher: 'none',
    isArticle: false,
    comesBackAlone: true,
    forAgency: true,
    isSettlement: false,
    isGift: false,
  },
  service_charge: {
    inSale: 'cancelling',
    part: 'goods',
    discountRank: 'last',
    isTurnover: true,
    inOrder: false,
    voucher: 'none',
    isArticle: false,
    comesBackAlone: false,
    forAgency: false,
    isSettlement: false,
    isGift: false,
  },
  deposit: {
    inSale: 'absent',
    part: 'deposit',
    discountRank: 'first',
    isTurnover: true,
    inOrder: false,
    voucher: 'none',
    isArticle: false,
    comesBackAlone: false,
    forAgency: false,
    isSettlement: false,
    isGift: false,
  },
  receivable: {
    inSale: 'positive',
    part: 'goods',
    discountRank: 'never',
    isTurnover: false,
    inOrder: false,
    voucher: 'none',
    isArticle: false,
    comesBackAlone: false,
    forAgency: false,
    isSettlement: true,
    isGift: false,
  },
  single_purpose_voucher: {
    inSale: 'redeemed',
    part: 'goods',
    discountRank: 'never',
    isTurnover: true,
    inOrder: false,
    voucher: 'single_purpose',
    isArticle: false,
    comesBackAlone: false,
    forAgency: true,
    isSettlement: false,
    isGift: false,
  },
  omaggio: {
    inSale: 'positive',
    part: 'goods',
    discountRank: 'never',
    isTurnover: true,
    inOrder: false,
    voucher: 'none',
    isArticle: false,
    comesBackAlone: false,
    forAgency: false,
    isSettlement: false,
    isGift: true,
  },
}
const RULES_OF: ReadonlyMap<string, LineRules> = new Map(Object.entries(RULES))

/** Also of a stored line, whose type may be any text. A line without a type is an item. */
export function lineRules(type: string = DEFAULT_LINE_TYPE): LineRules {
  return RULES_OF.get(type) ?? RULES[DEFAULT_LINE_TYPE]
}

/** True for a line of the deposit, not of the goods. */
export function isDeposit({ type }: { readonly type?: string | undefined }): boolean {
  return lineRules(type).part === 'deposit'
}
