import * as z from 'zod'
import { countryCode, text } from './scalars.ts'

export const address = z
  .strictObject({
    line1: text(500).describe('Street and number.'),
    line2: text(500).optional().describe('Second line, such as a floor or a building.'),
    city: text(500).describe('Town or village.'),
    postal_code: text(40).describe('Postal code, as text: leading zeros count.'),
    country_code: countryCode.describe(
      'ISO 3166-1 alpha-3. The address of a location decides which law its registers follow.',
    ),
  })
  .describe('A postal address, as receipts and reports to the tax office show it.')
