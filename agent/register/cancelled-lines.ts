import {
  ATOMS_PER_CENT,
  absolute,
  divideRounded,
  formatCents,
  formatRounded,
  powerOfTen,
  toAtoms,
  withoutZeros,
} from '../../base/money.ts'
import type { CancelledLineItem } from '../contract/amendment.ts'
import { isMinus } from './amounts.ts'
import { isBack } from './direction.ts'
import { DEFAULT_LINE_TYPE } from './line-types.ts'
import { exactTax, expectedTax } from './tax-amount.ts'

type Line = {
  readonly type?: CancelledLineItem['type'] | undefined
  readonly sku_identifier: string
  readonly title: string
  readonly quantity: number | string
  readonly unit_price: string
  readonly total_amount: string
  readonly gift_card_id?: string | undefined
  readonly agency_id?: number | undefined
  readonly taxes: readonly CancelledLineItem['taxes'][number][]
}

type Group = { readonly first: Line; atoms: bigint; readonly vouchers: Set<string> }
type Groups = ReadonlyMap<string, Group>

const ATOM_DECIMALS = 8
/** The product of quantity and price, both in atoms, that is one cent. */
const SQUARES_PER_CENT = powerOfTen(2 * ATOM_DECIMALS - 2)

/**
 * The lines that were taken away between two versions of the goods of an operation of that type: per article at its
 * price the pieces by which the sum came nearer to 0, or changed its sign. A corrected price takes the article away at
 * the former one.
 */
export function cancelledLines(
  type: string,
  before: readonly Line[],
  after: readonly Line[],
  { at, operator }: { at: string; operator: string | undefined },
): CancelledLineItem[] {
  const remaining = groupsOf(type, after)
  return [...groupsOf(type, before)].flatMap(([key, { first, atoms, vouchers }]) => {
    const left = remaining.get(key)
    const leftAtoms = left?.atoms ?? 0n
    const isLess = absolute(leftAtoms) < absolute(atoms) || atoms * leftAtoms < 0n
    if (!isLess) return []
    const [voucher, ...others] = [...vouchers].filter((number) => left?.vouchers.has(number) !== true)
    return [
      {
        ...lineOf(first, atoms - leftAtoms),
        ...(voucher !== undefined && others.length === 0 && { gift_card_id: voucher }),
        cancelled_at: at,
        ...(operator !== undefined && { operator_id: operator }),
      },
    ]
  })
}

function groupsOf(type: string, lines: readonly Line[]): Groups {
  const groups = new Map<string, Group>()
  for (const line of lines) {
    const { title, sku_identifier: sku, unit_price: price, taxes, gift_card_id: voucher, agency_id: agency } = line
    const rates = taxes.map(({ rate, code }) => [withoutZeros(rate), code])
    const key = JSON.stringify([line.type ?? DEFAULT_LINE_TYPE, sku, title, String(toAtoms(price)), rates, agency])
    const group = groups.get(key) ?? { first: line, atoms: 0n, vouchers: new Set() }
    group.atoms += piecesOf(line, type)
    if (voucher !== undefined) group.vouchers.add(voucher)
    groups.set(key, group)
  }
  return groups
}

/** In atoms, with the sign that makes price × quantity negative for goods that come back: a till may send any signs. */
function piecesOf(line: Line, type: string): bigint {
  const atoms = absolute(toAtoms(String(line.quantity)))
  return isBack(line, { type }) === isMinus(line.unit_price) ? atoms : -atoms
}

function lineOf({ type, sku_identifier, title, unit_price, taxes, agency_id }: Line, atoms: bigint) {
  const cents = divideRounded(atoms * toAtoms(unit_price), SQUARES_PER_CENT)
  const allRates = taxes.reduce((sum, { rate }) => sum + toAtoms(rate), 0n)
  return {
    type: type ?? DEFAULT_LINE_TYPE,
    sku_identifier,
    title,
    quantity: withoutZeros(formatRounded(atoms, powerOfTen(ATOM_DECIMALS), ATOM_DECIMALS)),
    unit_price,
    total_amount: formatCents(cents),
    ...(agency_id !== undefined && { agency_id }),
    taxes: taxes.map(({ name, rate, code }) => ({
      name,
      rate,
      ...(code !== undefined && { code }),
      tax_amount: expectedTax(exactTax(cents * ATOMS_PER_CENT, toAtoms(rate), allRates)).expected_2dp,
    })),
  }
}
