import * as z from 'zod'
import { closingTotals } from './closing.ts'
import type { Route } from './route.ts'
import { id, timestamp } from './scalars.ts'

const printoutType = z
  .enum(['x_report', 'drawer', 'last_document', 'gift_receipt'])
  .describe(
    "`x_report`: the sums of the running period. `drawer`: opens it, after it was logged (`cash_drawer_opening`, reason `printout`). `last_document`: a duplicate of the register's own. `gift_receipt`: it without prices, if it is a sale.",
  )
export type PrintoutType = z.output<typeof printoutType>

export const createPrintout = z.strictObject({ type: printoutType }).describe('A request to print.')
export type CreatePrintout = z.output<typeof createPrintout>

export const printout = z
  .strictObject({
    register_id: id.describe('The register.'),
    type: printoutType,
    printed_at: timestamp.describe('When the printer had printed it.'),
    document_number: z.string().optional().describe('The copied document.'),
    totals: closingTotals.optional().describe('Of `x_report`: as a closing now would have them.'),
  })
  .describe('A printout that was made.')
export type Printout = z.output<typeof printout>

/** The scenario plays in a country without printouts. */
const EXAMPLE = { register_id: 'reg_01KB7Q5', type: 'last_document', printed_at: '2026-11-28T12:00:00Z' }

export const printoutRoutes = {
  registersPrint: {
    methods: ['post'],
    path: '/v1/registers/{id}/printouts',
    operationId: 'RegistersController_print',
    tag: 'Registers',
    summary: 'Print an X report or a copy, or open the drawer',
    description:
      'Italy: what the RT prints between two documents; no session is needed, and nothing is journalled. Without an `Idempotency-Key`: a second copy is harmless. In AT and DE a copy is `?copy=true` of the receipt.',
    auth: 'any',
    body: createPrintout,
    idempotency: 'none',
    success: { status: 201, description: 'It is printed', schema: printout, example: EXAMPLE },
    errors: [
      'not_supported_by_law',
      'printout_not_supported',
      'last_document_foreign',
      'register_not_fiscalized',
      'register_decommissioned',
      'emergency_open',
      'fiscal_device_unavailable',
      'fiscal_device_busy',
      'reconciling',
    ],
  },
} as const satisfies Record<string, Route>
