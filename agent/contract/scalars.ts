import * as z from 'zod'
import type { Json } from '../../base/canonical.ts'
import { canonicalJson } from '../../base/canonical.ts'
import { isCalendarDate, parseRfc3339, rfc3339 } from '../../base/clock.ts'
import { showsNothing, visible } from '../../base/text.ts'
import { COUNTRIES } from './countries.ts'
import type { KeyedKind } from './key-ids.ts'
import { keyedIdWords } from './key-ids.ts'
import { openPart } from './open-part.ts'

const METADATA_BYTES_MAX = 8 * 1024

/** Text with visible characters: 1 to `max` code points, as the OpenAPI document counts them. */
export function text(max: number) {
  return z.string().min(1, 'must not be empty').max(max, `must have at most ${max} characters`)
}

/** Text that a person types into a field of a form: one line. */
export function formLine(max: number) {
  return text(max)
    .refine((value) => !showsNothing(value), 'must not be blank')
    .refine((value) => visible(value) === value, 'must be one line without control or formatting characters')
}

/** Id of a resource of this agent or of another system, as stored. */
export const id = text(255)

/**
 * An id in a request, the agent's or the caller's own: opaque, so an unknown one is not found and never malformed.
 * `more` describes the resource.
 */
export function referenceTo(kind: KeyedKind, more?: string): z.ZodString {
  return z.string().describe(keyedIdWords([kind], more))
}

/** Decimal string: up to 9 digits and 8 decimals, kept as it was sent. */
export const money = z
  .string('must be a decimal string such as "12.50", never a JSON number')
  .regex(
    /^-?\d{1,9}(\.\d{1,8})?$/,
    'must be a decimal string with a point, such as "4.50": at most 9 digits and 8 decimals',
  )

/** A sum of amounts, or a price times its quantity, in an answer: it may have more digits than an amount. */
export const moneySum = z.string().regex(/^-?\d{1,19}(\.\d{1,8})?$/)

/** Three capital letters; the register's law decides later if it supports the currency. */
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as "EUR"')
  .describe('ISO 4217: `EUR`.')

/** The name of a law of this agent. */
export const law = openPart<string>()

/** A country; the law of a register is that of its location's country. */
export const countryCode = countryCodeOf(COUNTRIES)

export function countryCodeOf(known: readonly string[]): z.ZodString {
  return z
    .string()
    .refine((code) => known.includes(code), 'must be an ISO 3166-1 alpha-3 code such as "DEU"')
    .meta({ enum: [...known] })
    .describe('ISO 3166-1 alpha-3, such as `DEU`, `AUT`, `ITA`.')
}

/** RFC 3339 with any offset. */
export const timestamp = z
  .string()
  .max(40)
  .refine((value) => parseRfc3339(value) !== undefined, 'must be an RFC 3339 date-time such as "2026-02-25T20:14:55Z"')
  .meta({ format: 'date-time' })

/** The failure of a fiscal device, with its stable code. */
export const deviceFailure = z
  .strictObject({
    code: z.string().describe('Stable reason code.'),
    message: z.string().describe('For a person.'),
    occurred_at: timestamp.describe('When the agent saw it.'),
  })
  .describe('The failure of a fiscal device.')

/** An instant in a request: any offset is accepted and converted to UTC; kept unchanged if it is UTC already. */
export const moment = timestamp.transform((value) => (/T.*Z$/.test(value) ? value : rfc3339(parseRfc3339(value) ?? 0)))

/** `YYYY-MM-DD`, an existing date. */
export const calendarDate = z
  .string()
  .refine(isCalendarDate, 'must be a calendar date such as "2026-02-25"')
  .meta({ format: 'date' })

/** A day on which a thing of the shop is used: an office computes months and windows from it. */
export const dayOfUse = calendarDate
  .refine((date) => date >= '1970' && date < '2100', 'must be from 1970 to 2099')
  .meta({ format: 'date' })

/** IANA name of a time zone. */
export const timeZone = text(64)
  .refine(isTimeZone, 'must be an IANA time zone such as "Europe/Berlin"')
  .describe('IANA name, such as `Europe/Berlin`.')

function isTimeZone(name: string): boolean {
  // Offsets such as "+01:00" are accepted by Intl but have no daylight saving time.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** Data that the integrator stores with a resource: an object of at most 8 KiB of canonical JSON. */
export const metadataShape = z
  .record(z.string(), z.unknown() as z.ZodType<Json>)
  .refine((value) => Buffer.byteLength(canonicalJson(value)) <= METADATA_BYTES_MAX, 'must be at most 8 KiB of JSON')
  .describe(
    'Your own data, kept with the resource and echoed as it is: at most 8 KiB of JSON. A number that a double (IEEE 754) would round is refused: send it as text.',
  )
/** A member with it: a reference to the component, with a separate description. */
export const metadata = metadataShape.describe('Your own data.')

/** Identifies one act of a client, permanently. */
export const IDEMPOTENCY_KEY = /^[!-~]{1,255}$/
export const idempotencyKey = z.string().regex(IDEMPOTENCY_KEY)

export const resourceVersion = z
  .int()
  .min(1)
  .describe('Version of the resource: 1, 2, 3 …; the ETag is the same number in quotes. Send it as `If-Match`.')

/** For a request that changes a resource. */
export const PATCH_WORDS = 'Omitted members keep their value; a member that is sent replaces the stored one.'

/** Master data while a session is open: changes that take effect when it closes. */
export const pendingChanges = z
  .record(z.string(), z.unknown())
  .describe('Changes made while a session was open: they take effect when it is closed.')

/** The answer of a list: one page and the cursor of the next. */
export const nextCursor = z
  .string()
  .nullable()
  .describe('The `cursor` of the next page; null only after the last page.')

export function listOf<Item extends z.ZodType>(item: Item, order = 'Oldest first') {
  return z
    .strictObject({
      data: z.array(item).describe(`${order}, at most \`limit\`; fewer if they are large.`),
      next_cursor: nextCursor,
    })
    .describe('One page of a list.')
}
