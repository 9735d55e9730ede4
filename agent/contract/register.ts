import * as z from 'zod'
import { hint } from './hint.ts'
import { endReason, endsBeforeUse, inventory, updateInventory } from './inventory.ts'
import { createdAt, sentMetadata, shownMetadata, updatedAt } from './members.ts'
import { deviceFailure, id, law, listOf, PATCH_WORDS, pendingChanges, referenceTo, text, timestamp } from './scalars.ts'

const name = text(500).describe('Name of the till, for people.')

/** A register has at most that many. */
const TERMINALS_MAX = 50

/**
 * Kept as it is sent and compared as it is. The books leave out control characters and directional formatting: with them
 * two terminals could have one id there.
 */
const ownTerminalId = text(50)
  .refine((id) => id.trim() !== '', 'must not be blank')
  .refine((id) => !/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(id), 'must have no control or formatting characters')

export const terminal = z
  .strictObject({
    id: ownTerminalId.describe('Your id of the terminal, for `terminal_id` of the operations it sends.'),
    serial_number: text(70)
      .refine((serial) => serial.trim() !== '', 'must not be blank')
      .describe('Serial number of the terminal; in the DSFinV-K the column TERMINAL_SERIENNR.'),
    brand: text(50).optional().describe('Brand of the terminal.'),
    model: text(50).optional().describe('Model of the terminal.'),
    software_brand: text(50).optional().describe('Brand of the software on the terminal.'),
    software_version: text(50).optional().describe('Version of the software on the terminal.'),
  })
  .describe('A handheld that only sends input to a register, as a waiter carries it.')
export type Terminal = z.output<typeof terminal>

const terminals = z
  .array(terminal)
  .max(TERMINALS_MAX)
  .describe('Germany: the terminals that send input to this register, at most 50, each with its own id.')

export const createRegister = z
  .strictObject({
    location_id: referenceTo('location', 'The shop in which the till is.'),
    name,
    external_id: id.optional().describe('Your own id of the till.'),
    fiscal_device: id.optional().describe('Device id of GET /v1/devices; may be omitted if exactly one fits.'),
    inventory: inventory.optional().describe('Germany: the till in the notice to the tax office.'),
    metadata: sentMetadata,
  })
  .check(({ value, issues }) => {
    if (value.inventory === undefined || !endsBeforeUse(value.inventory)) return
    const message = 'must not be before first_used_on'
    issues.push({ code: 'custom', path: ['inventory', 'ended_on'], message, input: undefined })
  })
  .describe('A new till. It sells after `fiscalize`.')
export type CreateRegister = z.output<typeof createRegister>

export const updateRegister = z
  .strictObject({
    name: name.optional(),
    external_id: id.nullable().optional().describe('Your own id of the till; null removes it.'),
    location_id: referenceTo(
      'location',
      'The present place of the till: a location of the same merchant and country. Its serial number stays.',
    ).optional(),
    fiscal_device: id
      .optional()
      .describe(
        'The device that signs or prints for it from now on, of the same kind (409 `fiscalization_conflict` if it must not). DE: the register is registered there and deregistered at the TSE before, each as soon as it answers. IT: only without documents in a period that is still open at the printer before.',
      ),
    terminals: terminals.optional(),
    inventory: updateInventory.optional().describe('Changes of its inventory, in force at once.'),
    metadata: sentMetadata,
  })
  .describe(PATCH_WORDS)
export type UpdateRegister = z.output<typeof updateRegister>

/** The serial number of the register on the fiscal device, permanent; made if omitted. */
export const fiscalizeRegister = z
  .strictObject({
    pos_client_serial_number: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,30}$/, 'must have 1 to 30 letters, digits and hyphens')
      .optional()
      .describe(
        'Serial number of the till on the TSE; in Austria its Kassen-ID. If omitted, the agent makes one, EDGE-… or, on a unit that is not certified, NC-…. It is permanent. A certified unit accepts no number that begins with NC- (409).',
      ),
  })
  .default({})
  .describe('How the till will be called on its fiscal device; the body may be left out.')
export type FiscalizeRegister = z.output<typeof fiscalizeRegister>

export const decommissionRegister = z
  .strictObject({ reason: endReason.optional() })
  .default({})
  .describe('Why the till ends, for `end_reason` of its `inventory`; the body may be left out.')
export type DecommissionRegister = z.output<typeof decommissionRegister>

export const fiscalization = z
  .strictObject({
    regime: law.describe('The law that the register follows.'),
    fiscalized_at: timestamp.nullable().describe('When its device took it; null until then.'),
    tse_serial: z
      .string()
      .nullable()
      .describe(
        'Serial number of its unit: the TSE, in Austria the certificate, in Italy the printer (Matricola). Null until it is fiscalized.',
      ),
    client_id: z
      .string()
      .nullable()
      .describe(
        'Serial number of the till on its device, permanent: on a TSE its client id, in Austria the Kassen-ID.',
      ),
    error: deviceFailure.optional().describe('Why it failed; the next try takes it away.'),
  })
  .describe('How the register is known to its fiscal device.')

const registerMembers = {
  id: id.describe('Id of the register, for `register_id` of its operations.'),
  merchant_id: id.describe('The merchant that sells with it.'),
  location_id: id.describe('The shop in which the till is.'),
  name: z.string().describe('Name of the till.'),
  external_id: z.string().nullable().describe('Your own id of the till.'),
  fiscal_device: z
    .string()
    .nullable()
    .describe('The device that signs or prints for it; null before it is chosen, and under a law without devices.'),
  status: z.enum(['active', 'inactive']).describe('`inactive` once it is decommissioned.'),
  fiscalization_status: z
    .enum(['not_fiscalized', 'pending', 'failed', 'fiscalized', 'decommissioned'])
    .describe(
      'Only a `fiscalized` register sells. `pending` ends automatically; after `failed` call `fiscalize` again. `decommissioned` is permanent.',
    ),
  fiscalization: fiscalization.nullable().describe('Null before the first `fiscalize`.'),
  fiscalizedAt: timestamp.nullable().describe('When it was fiscalized; null until then.'),
  decommissionedAt: timestamp.nullable().describe('When it was decommissioned; null until then.'),
  terminals: terminals.optional(),
  inventory: inventory.optional().describe('Germany: the till in the notice to the tax office.'),
  hints: z.array(hint).optional().describe('Of its last change.'),
  metadata: shownMetadata,
  pending_changes: pendingChanges.optional(),
  created_at: createdAt,
  updated_at: updatedAt,
}

export const register = z
  .strictObject(registerMembers)
  .describe('A till as the law sees it: it has its own sessions, receipt numbers and key.')
export type Register = z.output<typeof register>
export const registerList = listOf(register)

export const fiscalizedRegister = z
  .strictObject({
    ...registerMembers,
    register_api_key: z
      .string()
      .optional()
      .describe(
        'Shown this once: a repeated request is answered without it. A lost one is replaced on the machine of the agent, with `fiskal-edge key create register` and the id.',
      ),
  })
  .describe('The register, and its key.')
