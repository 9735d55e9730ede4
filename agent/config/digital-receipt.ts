import { z } from 'zod'
import { strict } from '../../base/settings/strict.ts'

/** Receipts without paper. `display`: on the customer's displays of the registers. */
export const digitalReceiptSettings = strict({
  show: z
    .array(z.enum(['display']))
    .min(1)
    .max(1),
})
