import * as z from 'zod'
import { keyedIdExample } from './key-ids.ts'
import { pageMembers } from './page.ts'
import type { Route } from './route.ts'
import { calendarDate, listOf, referenceTo } from './scalars.ts'

export const vatRate = z
  .strictObject({
    key: z.int().min(1).describe('UST_SCHLUESSEL of the DSFinV-K.'),
    rate: z.string().describe('The `rate` of a line: `0.19` for 19 %.'),
    code: z.string().optional().describe('The `code` of a line, if it needs one.'),
    description: z.string().describe('Its name in the books.'),
    receipt_text: z.string().optional().describe('Its words on the receipt.'),
    from: calendarDate.nullable().describe('First day of the rate; null for a code.'),
  })
  .describe('A rate of VAT, or a reason without VAT.')
export type VatRate = z.output<typeof vatRate>

export const vatRateList = listOf(vatRate, 'Rates by key, then codes')

export const vatRateQuery = z
  .strictObject({
    ...pageMembers,
    register_id: referenceTo('register', 'The register; required with a platform key.')
      .optional()
      .meta({ example: keyedIdExample('register') }),
    date: calendarDate.optional().describe('The day; today when left out.').meta({ example: '2026-02-25' }),
  })
  .transform(({ limit, cursor, register_id, date }) => ({ limit, cursor, registerId: register_id, date }))
export type VatRateQuery = z.output<typeof vatRateQuery>

export const vatRateRoutes = {
  vatRatesList: {
    methods: ['get'],
    path: '/v1/vat-rates',
    operationId: 'VatRatesController_list',
    tag: 'Operations',
    summary: 'List the rates of VAT of a day',
    description: 'Germany: the rates in force on a day, then the codes of taxes, those of agent.json too.',
    auth: 'any',
    query: vatRateQuery,
    success: { status: 200, description: 'One page', schema: vatRateList },
    errors: ['not_found', 'not_supported_by_law'],
  },
} as const satisfies Record<string, Route>
