import { formatCents } from '../../../base/money.ts'
import type { Register } from '../../contract/register.ts'
import { FiskalError } from '../../errors.ts'
import { allRegisters, isUnderLaw } from '../../journal/documents/registers.ts'
import type { View } from '../../journal/projections/view.ts'
import { openParts } from '../selling/order-parts.ts'

/** Groups that a refusal lists. */
const SHOWN_MAX = 20

/**
 * Open order lines belong to their place: no register of another one sees them. Throws `open_order_lines` if the last
 * register of the place would leave some. One whose TSE is retired (`device retire`, with its reason) may leave them.
 */
export function refuseLeavingOrders(view: View, { id, merchant_id, location_id, fiscal_device }: Register): void {
  const groups = view.openLines(location_id)?.groups() ?? []
  if (groups.length === 0 || view.enrolledSerial(fiscal_device ?? '') === undefined) return
  const isStaying = (other: Register): boolean => other.id !== id && other.location_id === location_id
  if (allRegisters(view, merchant_id).some((other) => isStaying(other) && isUnderLaw(other))) return
  const open = groups.map(({ group, lines }) => ({ allocation_group: group, cents: openParts(view, lines).cents }))
  const total = formatCents(open.reduce((sum, { cents }) => sum + cents, 0n))
  throw new FiskalError(
    'open_order_lines',
    `Register ${id} is the last one at its place, and ${groups.length} tables with orders over ${total} are open there.`,
    {
      register_id: id,
      location_id,
      total_amount: total,
      allocation_groups: open
        .slice(0, SHOWN_MAX)
        .map(({ cents, ...group }) => ({ ...group, total_amount: formatCents(cents) })),
    },
  )
}
