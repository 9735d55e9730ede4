import * as z from 'zod'
import { countryCode, text } from './scalars.ts'

/** Postal address. */
export const address = z
  .strictObject({
    line1: text(500).describe('Street and number.'),
    line2: text(500).optional().describe('A second line, such as the floor.'),
    city: text(500),
    postal_code: text(40),
    country_code: countryCode,
  })
  .describe('A postal address.')
