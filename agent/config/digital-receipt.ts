import { z } from 'zod'
import { strict } from '../../base/settings/strict.ts'

/**
 * Receipts without paper. `display`: on the customer's displays of the registers. `holdSeconds`: so long a receipt
 * is shown before it counts as handed over, if the law has that; the next sale replaces it no earlier.
 */
export const digitalReceiptSettings = strict({
  show: z
    .array(z.enum(['display']))
    .min(1)
    .max(1),
  holdSeconds: z.int().min(10).max(60).default(10),
})
