import * as z from 'zod'
import { keyedIdExample } from './key-ids.ts'
import { referenceTo } from './scalars.ts'

const LIMIT_MAX = 200

/** A whole number of a query, in decimal digits: a blank, `0x10` or `1e2` is not one. */
function count(least: number, most: number = Number.MAX_SAFE_INTEGER) {
  const digits = /^-?\d+(\.\d+)?$/
  const numeric = (value: unknown) => (typeof value === 'string' && digits.test(value) ? Number(value) : value)
  return z.preprocess(numeric, z.number().int().min(least).max(most))
}

export const receiptNumber = count(1)

/** Query members of every list. */
export const pageMembers = {
  limit: count(1, LIMIT_MAX).default(50).describe('At most so many; 50 by default.').meta({ example: 2 }),
  cursor: z
    .string()
    .max(500)
    .optional()
    .describe('`next_cursor` of the page before, with the same filter. Empty: the first page.')
    .meta({ example: '' }),
}

export const ofRegister = {
  register_id: referenceTo('register', 'Only of this register.')
    .optional()
    .meta({ example: keyedIdExample('register') }),
}

export const pageQuery = z.strictObject(pageMembers).transform(({ limit, cursor }) => ({ limit, cursor }))

/** A list that can be narrowed to one register. */
export const registerPageQuery = z
  .strictObject({
    ...pageMembers,
    ...ofRegister,
  })
  .transform(({ limit, cursor, register_id }) => ({ limit, cursor, registerId: register_id }))

export const sessionQuery = z
  .strictObject({
    ...pageMembers,
    ...ofRegister,
    state: z.enum(['open', 'counted', 'closed']).optional().describe('Only in this state.').meta({ example: 'closed' }),
  })
  .transform(({ limit, cursor, register_id, state }) => ({ limit, cursor, registerId: register_id, state }))

/** Events after this sequence number. */
export const journalQuery = z.strictObject({
  after: count(0)
    .default(0)
    .describe('Only events after this `seq`; `next_cursor` of the previous page.')
    .meta({ example: 0 }),
  limit: pageMembers.limit,
})
