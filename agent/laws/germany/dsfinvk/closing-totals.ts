import { formatCents } from '../../../../base/money.ts'
import type { UnpaidKind } from '../../../journal/documents/kind.ts'
import type { ClosingTotals } from '../../closing-reports.ts'
import type { ClosingSums, UnpaidType } from './closing-sums.ts'
import type { ClosingVat } from './closing-vat.ts'

/** Hundredths of a percent. */
const RATE_OF_ONE = 10_000

const KIND_OF: Readonly<Record<UnpaidType, UnpaidKind>> = {
  AVBestellung: 'order',
  AVTransfer: 'transfer',
  AVSachbezug: 'employee_benefit',
}

function unpaidOperations({ unpaid }: ClosingSums): Pick<ClosingTotals, 'unpaid_operations'> {
  if (unpaid.size === 0) return {}
  const listed = [...unpaid].map(([type, { count, cents }]) => ({
    type: KIND_OF[type],
    count,
    amount: formatCents(cents),
  }))
  return { unpaid_operations: listed }
}

function claimsOf({ claims: { created, settled } }: ClosingSums): Pick<ClosingTotals, 'claims'> {
  if (created.count + settled.count === 0) return {}
  const shown = ({ count, cents }: typeof created) => ({ count, amount: formatCents(cents) })
  return { claims: { created: shown(created), settled: shown(settled) } }
}

/** Foreign cash that moved, each currency in its own units: the close takes all of it out. */
function foreignCashOf(sums: ClosingSums): Pick<ClosingTotals, 'foreign_cash'> {
  const foreign = sums.foreignCash()
  if (foreign.length === 0) return {}
  return { foreign_cash: foreign.map(([currency, cents]) => ({ currency, amount: formatCents(cents) })) }
}

/** A VAT key as the newest closing names it. */
export type NamedKey = { readonly name: string; readonly rate: string }

export function nameKeys(keys: ReadonlySet<number>, vat: ClosingVat, named: Map<number, NamedKey>): void {
  for (const key of keys) {
    const rate = vat.rateOf(key)
    if (rate !== undefined) named.set(key, { name: vat.describe(key), rate: String(rate / RATE_OF_ONE) })
  }
}

export function totalsOf(sums: ClosingSums, named: ReadonlyMap<number, NamedKey>): ClosingTotals {
  const { cases, payments } = sums.figures()
  const byKey = new Map<number, { gross: bigint; vat: bigint }>()
  const byCase = new Map<string, { name: string; agency_id?: number; cents: bigint }>()
  for (const { businessCase: name, agency, key, gross, vat } of cases) {
    const before = byKey.get(key) ?? { gross: 0n, vat: 0n }
    byKey.set(key, { gross: before.gross + gross, vat: before.vat + vat })
    const id = `${name} ${agency}`
    const cents = (byCase.get(id)?.cents ?? 0n) + gross
    byCase.set(id, { name, ...(agency !== undefined && { agency_id: agency }), cents })
  }
  const keys = [...byKey].sort(([a], [b]) => a - b)
  return {
    vat: keys.map(([key, { gross, vat }]) => ({
      key,
      ...(named.get(key) ?? { name: '', rate: '0' }),
      amount: formatCents(gross),
      tax_amount: formatCents(vat),
    })),
    payments: payments.map(({ type, name, cents }) => ({ name: name ?? type, amount: formatCents(cents) })),
    business_cases: [...byCase.values()].map(({ cents, ...named }) => ({ ...named, amount: formatCents(cents) })),
    ...unpaidOperations(sums),
    ...claimsOf(sums),
    ...foreignCashOf(sums),
    ...sums.takenBack.totals(),
  }
}
