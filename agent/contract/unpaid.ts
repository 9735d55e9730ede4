import * as z from 'zod'
import { requiredAmounts, sentAmounts, wholeAmounts } from './amounts.ts'
import { customer, externalRelatedOperation, LINES_MAX, lineItem } from './goods.ts'
import { allocationGroup, caller, inHouse, typeOf } from './members.ts'
import { currency, metadata, referenceTo, text } from './scalars.ts'

export const ORDER_LINES_MAX = 100

/** Members of every goods movement without payments. */
const common = {
  source: z.literal('POS', 'must be "POS": it happens at a register').optional().describe('Always `POS`.'),
  register_id: referenceTo('register', 'The register that records it.'),
  currency,
  in_house: inHouse.optional(),
  ...caller,
  note: text(5000).optional().describe('A remark for the shop; not printed on the slip.'),
  metadata: metadata.optional(),
  training: z.boolean().optional().describe('Practice: signed as such, never in revenue, no open lines.'),
}

export const createOrder = z
  .strictObject({
    type: typeOf('order'),
    ...common,
    allocation_group: allocationGroup,
    ...sentAmounts,
    tip_amount: sentAmounts.tip_amount.describe('An order has no tip: `0.00`, or left out.'),
    line_items: z
      .array(lineItem)
      .max(ORDER_LINES_MAX)
      .describe(
        'The ordered goods: at most 100 lines of the types `item` and `container_deposit`, each with one tax and without discounts. A negative quantity cancels or sends back. `[]` begins with nothing.',
      ),
    customer: customer.optional().describe('The guest, if the books must name one.'),
  })
  .describe(
    'Begins an order of a table, room or person (Germany). It is completed without payments. Amounts that are left out are added up from the lines.',
  )
export type CreateOrder = z.output<typeof createOrder>

const goods = {
  ...common,
  ...wholeAmounts,
  tip_amount: wholeAmounts.tip_amount.describe('It has no tip: `0.00`.'),
  line_items: z
    .array(lineItem)
    .max(LINES_MAX)
    .describe(
      'The goods: lines of the types `item` and `container_deposit`, in the order of the slip. `[]` begins with nothing.',
    ),
  allocation_group: allocationGroup.optional().describe('Table, room or person whose order it settles.'),
}

export const createTransfer = z
  .strictObject({
    type: typeOf('transfer'),
    ...goods,
    customer: customer.optional().describe('The guest or customer to whom another system sends the bill.'),
    external_related_operation: externalRelatedOperation
      .optional()
      .describe('The bill or delivery note of the other system, such as the folio of a hotel.'),
  })
  .check(requiredAmounts)
  .describe(
    'Begins a transfer (Germany): goods are recorded here and billed by another system. It is completed without payments. Not the `movement_type` `transfer` of a cash adjustment.',
  )

export const createEmployeeBenefit = z
  .strictObject({
    type: typeOf('employee_benefit'),
    ...goods,
    customer: customer
      .optional()
      .describe(
        'The member of staff: `name` or `id` is needed (422 `customer_required`). `type` is `Mitarbeiter` in the books when left out.',
      ),
  })
  .check(requiredAmounts)
  .describe(
    'Begins a benefit in kind for a member of staff, such as a meal (Germany). It is completed without payments.',
  )

/** A goods movement without payments, in a request. */
export type CreateUnpaid = CreateOrder | z.output<typeof createTransfer> | z.output<typeof createEmployeeBenefit>
