import * as z from 'zod'
import type { FiscalInformation } from './fiscal-information.ts'
import { createdAt, sentMetadata, shownMetadata } from './members.ts'
import { openPart } from './open-part.ts'
import type { fiscal } from './operation.ts'
import { id, listOf, moment, referenceTo, text, timestamp } from './scalars.ts'

export const cashier = z
  .strictObject({
    id: id.describe('Your own id of the person.'),
    display_name: text(500).optional().describe('Name of the person.'),
  })
  .describe('The person at the till.')

export const createDrawerOpening = z
  .strictObject({
    register_id: referenceTo('register', 'Needed with a platform key unless the path names the register.').optional(),
    occurred_at: moment.describe("When the drawer opened, by the till's own clock."),
    operation_id: referenceTo('operation', 'The operation for which the drawer opened.').optional(),
    reason: text(1000).optional().describe('Why it was opened, in your words.'),
    note: text(5000).optional().describe('Internal: never exported.'),
    cashier: cashier.optional().describe('Who opened it.'),
    metadata: sentMetadata,
  })
  .describe('An opening of the cash drawer to be recorded.')
export type CreateDrawerOpening = z.output<typeof createDrawerOpening>

/** The state of an opening's signature, with the fiscal information of the law once it is signed. */
export const signature = openPart<z.output<typeof fiscal> & Partial<FiscalInformation>>()

export const drawerOpening = z
  .strictObject({
    id: id.describe('Id of the opening.'),
    object: z.literal('cash_drawer_opening').describe('Kind of the resource.'),
    type: z.literal('cash_drawer_opening').describe('Kind of the resource.'),
    merchant_id: id.describe('The merchant.'),
    register_id: id.describe('The register whose drawer opened.'),
    occurred_at: timestamp.describe("When the drawer opened, by the till's clock."),
    received_at: timestamp.describe('When the agent received the request.'),
    created_at: createdAt,
    operation_id: z.string().nullable().describe('The operation for which it opened; null for none.'),
    reason: z.string().nullable().describe('Why it was opened.'),
    note: z.string().nullable().describe('Internal: never exported.'),
    cashier: cashier.optional().describe('Who opened it.'),
    occurred_at_deviates: z.boolean().describe("True if occurred_at is far from the agent's clock."),
    fiscal: signature
      .nullable()
      .describe(
        'Null if nothing is signed: in AT and IT, and in DE unless `dsfinvk.exportDrawerOpenings` is set and the opening has no `operation_id`.',
      ),
    metadata: shownMetadata,
  })
  .describe('An opening of the cash drawer: each one is recorded, also without a sale.')
export type DrawerOpening = z.output<typeof drawerOpening>
export const drawerOpeningList = listOf(drawerOpening)
