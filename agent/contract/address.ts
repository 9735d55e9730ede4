import * as z from 'zod'
import { countryCode, text } from './scalars.ts'

/** Postal address. */
export const address = z.strictObject({
  line1: text(500),
  line2: text(500).optional(),
  city: text(500),
  postal_code: text(40),
  country_code: countryCode,
})
