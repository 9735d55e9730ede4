import { z } from 'zod'

export const deviceId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/, 'letters, digits and -, at most 32')
export const words = z.string().min(1).max(255)
/** The text of a host, before it is known whether a port belongs to it. */
export const hostText = z.string().min(1).max(253)
export const host = hostText.regex(/^[^\s/@\p{Cc}]+$/u, 'a name or an address such as "192.168.1.20"')
export const port = z.int().min(1).max(65535)
export const milliseconds = z.int().min(1).max(3_600_000)
const VAT_KIND = String.raw`(0\.\d{2,4}|N[1-6](\.\d)?|VI)`
/** A rate or natura of Italy. */
export const vatKind = z.string().regex(new RegExp(`^${VAT_KIND}$`), 'a rate such as "0.22" or a natura code')
/** The default department of a rate or natura at an Italian printer, or another one by its code: `0.22/servizi`. */
export const departmentKey = z
  .string()
  .regex(new RegExp(`^${VAT_KIND}(/[a-z0-9_-]{1,20})?$`), 'a rate such as "0.22" or a natura code')
