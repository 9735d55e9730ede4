import { z } from 'zod'

export const deviceId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/i, 'letters, digits and -, at most 32')
export const words = z.string().min(1).max(255)
/** A department of an Italian printer has one of these. */
export const vatKind = z.string().regex(/^(0\.\d{2,4}|N[1-6](\.\d)?|VI)$/, 'a rate such as "0.22" or a natura code')
