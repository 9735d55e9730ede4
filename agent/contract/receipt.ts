import * as z from 'zod'

const labelled = z.strictObject({ label: z.string(), value: z.string() })

/** Every mandatory field of a receipt, in its order, with its label. */
export const receipt = z.strictObject({
  operation_id: z.string(),
  language: z.enum(['de', 'en', 'it']),
  copy: z.boolean(),
  title: z.string(),
  merchant: z.looseObject({}),
  lines: z.array(z.looseObject(labelled.shape)),
  taxes: z.array(z.looseObject({})),
  payments: z.array(z.looseObject({})),
  fiscal: z.array(labelled),
  qr: z.string().nullable(),
  notices: z.array(z.string()),
})

/** `format` wins over the Accept header. */
export const receiptQuery = z.strictObject({
  format: z.enum(['json', 'text']).optional(),
  language: z.enum(['de', 'en', 'it']).optional(),
})
