import * as z from 'zod'
import { showsNothing, visible } from '../../base/text.ts'
import { id, metadata, text, timestamp } from './scalars.ts'

/** Members that many shapes have, with their descriptions. */

export const ownId = id.describe('Id that the agent gave it.')
export const merchantId = id.describe('Id of the merchant.')
export const locationId = id.describe('Id of the location.')
export const registerId = id.describe('Id of the register.')
export const sessionId = id.describe('Id of the session: one shift of a register.')

export const createdAt = timestamp.describe('When the agent recorded it.')
export const updatedAt = timestamp.describe('When it was last changed.')

export const externalId = id.describe('Your own id of it, kept as it is.')
export const operatorId = id.describe('Your own id of the person at the till.')
export const operatorName = text(500).describe('Name of the person at the till.')
export const terminalId = text(50).describe('Germany: one of the `terminals` of the register.')
/** The caller, and its own id of the request. */
export const caller = {
  external_id: externalId.optional(),
  operator_id: operatorId.optional(),
  operator_name: operatorName.optional(),
  terminal_id: terminalId.optional(),
}
/** Kept as it is sent: the terminal prints it. */
export const cardTerminalId = z.string().regex(/^[!-~]{1,40}$/, 'must have 1 to 40 visible ASCII characters')
const AGENCY_ID_MAX = 9999
export const agencyId = z.int().min(1).max(AGENCY_ID_MAX)
export const note = text(5000).describe('A remark, kept as it is.')
export const shopNote = text(5000).describe('A remark for the shop; not printed on the receipt.')
export const legalName = text(500).describe('Name of the company or the person who sells, as on the receipt.')

/** Metadata of a request, and of an answer. */
export const sentMetadata = metadata.optional().describe('Your own data, returned as it is.')
export const shownMetadata = metadata.nullable().describe('Your own data, as sent; null without any.')

const GROUP_MAX = 50
/** The column ABRECHNUNGSKREIS leaves out or replaces such characters: two groups would be one in the books. */
export const allocationGroup = text(GROUP_MAX)
  .refine(
    (group) => group.length <= GROUP_MAX,
    `must have at most ${GROUP_MAX} characters, of which an emoji counts as two`,
  )
  .refine((group) => !showsNothing(group), 'must not be blank')
  .refine((group) => visible(group) === group, 'must hold no control character and no directional formatting')
  .describe('Table, room or person that orders and bills belong to; compared as it is, within the location.')

export const department = z
  .string()
  .regex(/^[a-z0-9_-]{1,20}$/, 'must have 1 to 20 of a-z, 0-9, _ and -')
  .describe("Italy: a CODE of the printer's `departments`; the default of the rate when left out.")

export const inHouse = z.boolean().describe('Germany: eaten in the shop, or taken away.')

/** The `type` of one kind of operation. */
export function typeOf<Type extends string>(type: Type) {
  return z.literal(type).describe('The type.')
}
