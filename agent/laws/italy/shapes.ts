import * as z from 'zod'
import { isPartitaIva } from '../../../base/tax-codes.ts'
import type { FiscalInformation } from '../../contract/fiscal-information.ts'
import type { LawShapes } from '../../contract/laws.ts'
import { text, timestamp } from '../../contract/scalars.ts'
import { FACTS } from './facts.ts'

const printed = {
  rt_serial_number: z.string().describe('Matricola of the printer.'),
  z_number: z.string().describe('Number of the Z that has the document, four digits.'),
  document_number: z.string().describe('Number within its Z, four digits.'),
  document_type: z
    .enum(['sale', 'return', 'void', 'non_fiscal'])
    .describe('`sale`: documento commerciale · `return`: reso · `void`: annullo · `non_fiscal`: a slip.'),
  printed_at: timestamp.describe("By the printer's clock."),
  lottery_code: z.string().optional().describe('Code for the lotteria degli scontrini.'),
  reference: z
    .string()
    .optional()
    .describe('The document of a reso or annullo: `ZZZZ-NNNN` and its day, or `POS` and its day.'),
}

const printedDocument = z.strictObject(printed).describe('A document that the printer has printed.')
export type PrintedDocument = z.output<typeof printedDocument>

const emergencyEntry = z
  .strictObject({
    id: z.string().describe('The emergency.'),
    entry: z.int().describe('The receipt number.'),
    recorded_at: timestamp.describe('Time of the entry.'),
  })
  .describe('Entry in the emergency register.')

/** The printer's report of its document; an exchange prints two, the return of a capture up to two resi. */
const fiscalInformation = z
  .strictObject({
    regime: z.literal(FACTS.name).describe('The law that recorded it.'),
    ...printed,
    z_number: printed.z_number.nullable(),
    document_number: printed.document_number.nullable(),
    document_type: z
      .enum([...printed.document_type.options, 'emergency'])
      .describe('`emergency`: an entry while the printer was down; number, Z and time are null.'),
    printed_at: printed.printed_at.nullable(),
    emergency: emergencyEntry.optional(),
    documents: z
      .array(printedDocument)
      .optional()
      .describe('All documents of an operation that needs several; the other members are those of the last one.'),
  })
  .describe('Italy: what the fiscal printer (RT) reports of the document it printed.')
export type Facts = z.output<typeof fiscalInformation>
/** The information of an entry in the emergency register. */
export type EntryInformation = Facts & { readonly emergency: NonNullable<Facts['emergency']> }

/** True if this law recorded it: no other law writes this name. */
export function isOurs(information: FiscalInformation | null | undefined): information is Facts {
  return information?.regime === FACTS.name
}

/** The documents that the printer has printed; none of an entry in the emergency register. */
export function printedIn(information: FiscalInformation | null | undefined): readonly PrintedDocument[] {
  if (!isOurs(information)) return []
  return information.documents ?? (isEntry(information) ? [] : [information as PrintedDocument])
}

/** True for an operation that no printer has: it is in the emergency register. */
export function isEntry(information: FiscalInformation | null | undefined): information is EntryInformation {
  return isOurs(information) && information.emergency !== undefined
}

const italian = {
  country_code: z.literal(FACTS.country).describe('The country whose tax office gave the numbers.'),
  legal_entity_type: z
    .enum(['COMPANY', 'INDIVIDUAL'])
    .optional()
    .describe('Whether the taxpayer is a company or a person.'),
  tax_number: z
    .string()
    .regex(/^(\d{11}|[A-Za-z0-9]{16})$/, 'must be a Codice Fiscale: 11 digits or 16 letters and digits')
    .describe('Codice Fiscale: tax number of the company or person.'),
  vat_number: z
    .string()
    .regex(/^\d{11}$/, 'must be a Partita IVA: 11 digits')
    .refine(isPartitaIva, 'is not a Partita IVA: the check digit is wrong')
    .describe('Partita IVA: VAT number; its check digit is verified.'),
  fisconline_user: z
    .string()
    .regex(/^[A-Za-z0-9]{16}$/, 'must have 16 letters and digits')
    .optional()
    .describe('User name at Fisconline (Agenzia delle Entrate), with password and PIN.'),
}

/** Italian identity in a request: the Fisconline password and PIN are never returned. */
const sentIdentity = z
  .strictObject({
    ...italian,
    // Not `writeOnly`: a generator would make a second type of each shape that contains it.
    fisconline_password: text(255).optional().describe('Password at Fisconline; stored encrypted, never returned.'),
    fisconline_pin: text(255).optional().describe('PIN at Fisconline; stored encrypted, never returned.'),
  })
  .refine(hasAllOrNone, 'fisconline_user, fisconline_password and fisconline_pin are sent together, or none of them')
  .describe('The tax numbers of a company in Italy, and its access to Fisconline.')

/** An RT transmits without them: a shop that does not use Fisconline sends none. */
function hasAllOrNone(sent: {
  readonly fisconline_user?: string | undefined
  readonly fisconline_password?: string | undefined
  readonly fisconline_pin?: string | undefined
}): boolean {
  const { fisconline_user: user, fisconline_password: password, fisconline_pin: pin } = sent
  return [user, password, pin].every((each) => (each === undefined) === (user === undefined))
}

/** Italian identity in a response. */
const shownIdentity = z.strictObject(italian).describe('The tax numbers of a company in Italy.')

export const SHAPES: LawShapes = {
  fiscalInformation,
  identity: {
    sent: sentIdentity,
    shown: shownIdentity,
    identifies: ({ tax_number: code }) => (typeof code === 'string' ? code : undefined),
  },
  exports: [],
}
