import { ATOMS_PER_CENT, formatCents, formatRounded, toAtoms, toCents } from '../../../base/money.ts'
import type { EuroPayment } from '../../contract/payment.ts'
import type { DocumentOf, RecordedDocument } from '../../journal/documents/document.ts'
import { sumOf } from '../../register/cart-discount.ts'
import { isBack } from '../../register/direction.ts'
import { turned } from '../../register/reversal.ts'
import { exactTax, expectedTax } from '../../register/tax-amount.ts'
import type { EndedPart } from '../law.ts'
import type { Goods } from './lines.ts'
import { goodsOf } from './lines.ts'
import { isOnReso } from './sides.ts'
import type { Reso } from './state.ts'
import { printOf, stateMembers, stateOf } from './state.ts'

const ONE = 100_000_000n

/**
 * The end of an operation of which only some documents are printed: the reso of an exchange or a sale, some resi of a
 * return, or the annulled reso of a reversed exchange. It has the lines, amounts and payments of these documents.
 * `paidOut`: the money paid out by the resi; undefined if nothing is printed.
 */
export function endedWith(
  document: RecordedDocument,
  paidOut: readonly EuroPayment[] | undefined,
): EndedPart | undefined {
  if (!isInParts(document)) return undefined
  const { printed } = printOf(document)
  const isReversal = document.kind === 'void'
  const last = printed.at(-1)
  if (last === undefined || paidOut === undefined) return undefined
  const payments = isReversal ? paidOut.map((payment) => ({ ...payment, amount: turned(payment.amount) })) : paidOut
  const planned = stateOf(document).facts.resi?.slice(0, printed.length)
  const { resi, ...part } = planned === undefined ? partOf(document) : printedPart(goodsOf(document), planned)
  return {
    set: {
      ...amountsOf(part),
      // Nothing was sold, so that no discount of the cart applies.
      ...(document.kind === 'sale' && { cart_level_discounts: [] }),
      hints: [HINTS[document.kind]],
      fiscal: { state: 'succeeded' },
      fiscal_information: { regime: 'RT', ...last, documents: printed },
    },
    law: stateMembers({ print: 'none', facts: { resi } }),
    payments,
  }
}

/** The kinds of operations that may print a part of their documents alone. */
type InParts = DocumentOf<keyof typeof HINTS>

function isInParts(document: RecordedDocument): document is InParts {
  return Object.hasOwn(HINTS, document.kind)
}

const HINTS = {
  void: {
    code: 'reversal_ended_with_return',
    message: 'The return of the exchange is annulled, its sale remains.',
  },
  sale: {
    code: 'sale_ended_with_return',
    message: 'Only the return of the sale is printed. Enter the goods that were handed out as a new sale.',
  },
  exchange: {
    code: 'exchange_ended_with_return',
    message: 'Only the return of the exchange is printed. Enter the goods that were handed out as a new sale.',
  },
  return: {
    code: 'return_ended_with_part',
    message: 'Only a part of the return is printed. Enter what else came back as another return.',
  },
} as const

/** Lines, the tip in cents, and the resi of a return with the amounts of these lines. */
type Part = { lines: Goods['line_items']; tipCents: bigint; resi?: readonly Reso[] }

/** The lines of the reso. A reversal has every sign inverted. */
function partOf(document: InParts): Part {
  const goods = goodsOf(document)
  const lines = goods.line_items.filter((line) => isOnReso(line, goods))
  const tip = toCents(goods.tip_amount)
  return { lines, tipCents: tip < 0n === (document.kind === 'void') ? 0n : tip }
}

/** The lines that are on the printed resi; of a divided line one piece. */
function printedPart(goods: Goods, printed: readonly Reso[]): Part {
  const parts = goods.line_items.flatMap((line, index) => {
    const cents = -sumOf(printed.map((reso) => BigInt(reso.lines[index] ?? 0)))
    const total = toCents(line.total_amount)
    if (!isBack(line, goods) || (cents === 0n && total !== 0n)) return []
    return [{ index, line: cents === total ? line : pieceOf(line, cents) }]
  })
  return {
    lines: parts.map(({ line }) => line),
    tipCents: -sumOf(printed.map(({ tip }) => BigInt(tip))),
    resi: printed.map((reso) => ({ ...reso, lines: parts.map(({ index }) => reso.lines[index] ?? 0) })),
  }
}

/** A part of a line as one piece, with its tax. */
export function pieceOf(line: Goods['line_items'][number], cents: bigint): Goods['line_items'][number] {
  const { discounts, ...piece } = line
  const amount = formatCents(cents)
  const taxes = line.taxes.map((tax) => {
    const exact = exactTax(cents * ATOMS_PER_CENT, toAtoms(tax.rate), toAtoms(tax.rate))
    return { ...tax, tax_amount: expectedTax(exact).expected_2dp }
  })
  return { ...piece, quantity: 1, unit_price: amount, total_amount: amount, taxes }
}

function amountsOf({ lines, tipCents }: Pick<Part, 'lines' | 'tipCents'>) {
  const taxAtoms = sumOf(lines.flatMap(({ taxes }) => taxes.map(({ tax_amount: tax }) => toAtoms(tax))))
  const taxAmount = formatRounded(taxAtoms, ONE, 2)
  const total = sumOf(lines.map((line) => toCents(line.total_amount))) + tipCents
  return {
    pretax_amount: formatCents(total - tipCents - toCents(taxAmount)),
    tax_amount: taxAmount,
    tip_amount: formatCents(tipCents),
    total_amount: formatCents(total),
    line_items: lines,
  }
}
