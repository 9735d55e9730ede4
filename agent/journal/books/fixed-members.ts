import type { KeyOf, Operation } from '../../contract/operation.ts'

/** Members of a goods movement that may change while it is open. */
const GOODS = [
  'line_items',
  'cart_level_discounts',
  'cancelled_line_items',
  'total_amount',
  'pretax_amount',
  'tax_amount',
  'tip_amount',
  'tip_recipient',
  'payments',
  'settled_order_lines',
  'first_order_at',
  'moved_lines',
] as const

/** Its texts, people and references. */
const TEXTS = [
  'customer',
  'note',
  'external_id',
  'operator_id',
  'operator_name',
  'terminal_id',
  'metadata',
  'in_house',
  'allocation_group',
  'from_allocation_group',
  'related_operation_id',
  'external_related_operation',
  'void_reason',
  'reason',
] as const

const PLACE_AND_TIME = [
  'type',
  'source',
  'currency',
  'merchant_id',
  'location_id',
  'register_id',
  'session_id',
  'created_at',
  'completed_at',
  'voided_at',
] as const

/** Members of an event of a session. */
const SESSION = [
  'opening_balance_amount',
  'cash_amount',
  'movement_type',
  'counted_closing_amount',
  'expected_closing_amount',
  'closing_cashcount_diff',
  'interim',
  'corrects_operation_id',
  'correction_amount',
  'foreign_cash',
  'business_date',
  'closing_adjustment_amount',
  'closing_adjustment_note',
  'discrepancy_note',
  'open_allocation_groups',
  'amount_left',
] as const

const FIXED = [...GOODS, ...TEXTS, ...PLACE_AND_TIME, ...SESSION] as const

/** Its fiscal record comes later in an outage, and so does how its receipt was issued. Practice never changes (books.ts). */
type Changing =
  | 'status'
  | 'resource_version'
  | 'updated_at'
  | 'fiscal'
  | 'fiscal_information'
  | 'issued_as'
  | 'training'
  | 'hints'
/** In answers alone. */
type Calculated = 'id' | 'sync_status' | 'synced_at' | 'on_account' | 'explanation'
type Forgotten = Exclude<KeyOf<Operation>, (typeof FIXED)[number] | Changing | Calculated>

/** Members of an operation that were answered to its till and never change after its end. */
export const FIXED_MEMBERS: readonly string[] = FIXED satisfies [Forgotten] extends [never]
  ? readonly string[]
  : { readonly forgotten: Forgotten }

/** The id of an operation begins with it; a closing and other resources have some of these members, too. */
const OPERATION = 'op_'

/** The members that no event may change any longer. */
export function fixedMembersOf(id: string): readonly string[] {
  return id.startsWith(OPERATION) ? FIXED_MEMBERS : GOODS
}
