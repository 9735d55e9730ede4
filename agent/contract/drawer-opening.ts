import * as z from 'zod'
import type { FiscalInformation } from './fiscal-information.ts'
import { createdAt, merchantId, ownId, registerId } from './members.ts'
import { openPart } from './open-part.ts'
import type { fiscal } from './operation.ts'
import { id, listOf, metadata, moment, referenceTo, text, timestamp } from './scalars.ts'

export const cashier = z.strictObject({ id, display_name: text(500).optional() }).describe('The person at the till.')

export const createDrawerOpening = z.strictObject({
  register_id: referenceTo('register', 'Needed with a platform key unless the path names the register.').optional(),
  occurred_at: moment.describe("When the drawer opened, by the till's own clock."),
  operation_id: referenceTo('operation', 'The operation for which the drawer opened.').optional(),
  reason: text(1000).optional(),
  note: text(5000).optional().describe('Internal: never exported.'),
  cashier: cashier.optional(),
  metadata: metadata.optional(),
})
export type CreateDrawerOpening = z.output<typeof createDrawerOpening>

/** The state of an opening's signature, with the fiscal information of the law once it is signed. */
export const signature = openPart<z.output<typeof fiscal> & Partial<FiscalInformation>>()

export const drawerOpening = z.strictObject({
  id: ownId,
  object: z.literal('cash_drawer_opening'),
  type: z.literal('cash_drawer_opening'),
  merchant_id: merchantId,
  register_id: registerId,
  occurred_at: timestamp,
  received_at: timestamp,
  created_at: createdAt,
  operation_id: z.string().nullable(),
  reason: z.string().nullable(),
  note: z.string().nullable(),
  cashier: cashier.optional(),
  occurred_at_deviates: z.boolean().describe("True if occurred_at is far from the agent's clock."),
  fiscal: signature
    .nullable()
    .describe(
      'Null if nothing is signed: in AT and IT, and in DE unless `dsfinvk.exportDrawerOpenings` is set and the opening has no `operation_id`.',
    ),
  metadata: metadata.nullable().describe('As sent; null without.'),
})
export type DrawerOpening = z.output<typeof drawerOpening>
export const drawerOpeningList = listOf(drawerOpening)
